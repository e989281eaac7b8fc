/// The reconciliation of a period: how the number of open invites came to be what it is at the end.
///
/// Open means pending and listed. Every invite's history goes in once; the sum holds by construction of the walk, and
/// ``addsUp`` compares it with the invites that are open at the end, which are counted on their own.
package struct OpenLedger: Sendable, Equatable {
    package private(set) var openAtStart = 0
    package private(set) var openAtEnd = 0
    /// Invites seen for the first time, whatever their status was then.
    package private(set) var appeared = 0
    /// Invites that were closed and became open again: sent once more, or listed again.
    package private(set) var reopened = 0
    /// How open invites ended, and those that had ended when they were first seen.
    package private(set) var closed: [Outcome: Int] = [:]
    /// Those of `closed` that had ended when they were first seen: when they did is not known.
    package private(set) var closedWhenFirstSeen: [Outcome: Int] = [:]

    /// How an open invite ends.
    package enum Outcome: String, CaseIterable, Sendable {
        case accepted, expired
        /// The API showed the status `deleted`.
        case deletedAsserted = "deleted_asserted"
        /// It is no longer listed and Get Invite knows it no more.
        case deletedInferred = "deleted_inferred"
        case vanished
        /// A status that this version does not know.
        case other

        package init(status: String?, evidence: InviteEvent.Evidence) {
            switch status {
            case "accepted": self = .accepted
            case "expired": self = .expired
            case "deleted": self = evidence == .notFound ? .deletedInferred : .deletedAsserted
            default: self = .other
            }
        }
    }

    /// What an event did to an invite's being open.
    package enum Move: Sendable, Equatable {
        case opened, reopened
        case closed(Outcome)
        case firstSeenClosed(Outcome)
    }

    /// One event of an invite's history.
    package struct Step: Sendable {
        package let observedAt: Timestamp
        package let isOpen: Bool
        package let move: Move?

        /// - Parameters:
        ///   - wasOpen: before the event.
        ///   - isOpen: after it.
        package init(_ event: InviteEvent, wasOpen: Bool, isOpen: Bool) {
            observedAt = event.observedAt
            self.isOpen = isOpen
            if event.kind == .appeared {
                move = isOpen ? .opened : .firstSeenClosed(Outcome(status: event.newValue, evidence: event.evidence))
            } else if wasOpen && !isOpen {
                let gone = event.kind == .vanished
                move = .closed(gone ? .vanished : Outcome(status: event.newValue, evidence: event.evidence))
            } else {
                move = !wasOpen && isOpen ? .reopened : nil
            }
        }
    }

    package init() {}

    /// Takes in one invite: all its events in the order of `seq`.
    ///
    /// - Returns: which of the steps lie in the period. Where the clock was set back, these are the ones between the
    ///   last that was observed before the start and the last that was observed before the end, so that the mirror as
    ///   of both instants is met.
    @discardableResult
    package mutating func take(_ steps: [Step], from: Timestamp, to: Timestamp) -> Range<Int> {
        let start = (steps.lastIndex { $0.observedAt < from } ?? -1) + 1
        let end = max(start, (steps.lastIndex { $0.observedAt < to } ?? -1) + 1)
        if start > 0 && steps[start - 1].isOpen { openAtStart += 1 }
        if end > 0 && steps[end - 1].isOpen { openAtEnd += 1 }
        for step in steps[start..<end] {
            switch step.move {
            case .opened: appeared += 1
            case .reopened: reopened += 1
            case .closed(let outcome): closed[outcome, default: 0] += 1
            case .firstSeenClosed(let outcome):
                appeared += 1
                closed[outcome, default: 0] += 1
                closedWhenFirstSeen[outcome, default: 0] += 1
            case nil: break
            }
        }
        return start..<end
    }

    /// Whether start, gains and losses give the end.
    package var addsUp: Bool {
        openAtStart + appeared + reopened - closed.values.reduce(0, +) == openAtEnd
    }
}
