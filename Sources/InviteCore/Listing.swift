/// Folds the pages of one listing. It is complete when a page says that there is no more, or when a range that it was
/// asked for has been seen; it is given up as soon as the answers contradict each other.
package struct Listing: Sendable {
    /// Bits by the position of an invite in the mirror: an eighth of a byte for each invite ever seen.
    private var seen: [UInt64] = []
    /// Invites in the listing so far.
    package private(set) var count = 0
    /// The id to go on after; nil at the top.
    package private(set) var cursor: String?
    /// Whether the invites came newest first, as far as they have come.
    package private(set) var order = ListingOrder()
    /// What it is asked for; nil for everything, which it becomes when the answers do not fit the range.
    package private(set) var range: RecentRange?
    /// Every invite with `invited_at` at or after this was seen; nil if all were, or as long as there is more.
    package private(set) var coveredSince: Timestamp?

    package init(_ range: RecentRange? = nil) {
        self.range = range
    }

    /// Why a listing cannot be trusted.
    package enum Contradiction: Error, Sendable, Equatable {
        case repeatedID(String)
        case emptyPageWithMore
        case wrongLastID
        case cursorRefused(status: Int)
        /// The last page, asked for by a cursor, is empty. It can be the truth.
        case emptyLastPage
    }

    package enum Step: Sendable, Equatable {
        case next, complete
    }

    /// What a page as such says: whether it fits, what follows, and which of its invites belong to the listing.
    package mutating func take(
        _ page: InvitePage
    ) throws(Contradiction) -> (step: Step, invites: ArraySlice<SeenInvite>) {
        guard let last = page.invites.last else {
            if page.hasMore { throw .emptyPageWithMore }
            if cursor != nil { throw .emptyLastPage }
            range = nil
            return (.complete, [])
        }
        if page.lastID != .unsaid && page.lastID != .id(ExactText(last.id)) { throw .wrongLastID }
        // Seen here already, before the next page is asked for.
        if let cursor, cursor.isIdentical(to: last.id) { throw .repeatedID(last.id) }
        cursor = last.id
        let oldestBefore = order.oldest
        order.take(page.invites)
        guard page.hasMore, let asked = range, order.isNewestFirst else {
            range = nil
            return (page.hasMore ? .next : .complete, page.invites[...])
        }
        guard let oldest = order.oldest, oldest < asked.since else { return (.next, page.invites[...]) }
        guard page.invites.first(where: { $0.isInvited(before: asked.since) })?.invitedAt == asked.below else {
            range = nil
            return (.next, page.invites[...])
        }
        // More of the oldest instant may stand on the next page.
        let covered = page.invites.prefix { !$0.isInvited(before: oldest + .microseconds(1)) }
        coveredSince = min(asked.since, covered.last?.invitedAt ?? oldestBefore ?? asked.since)
        return (.complete, covered)
    }

    /// Notes that an invite was seen. A cursor that repeats shows here as well: it is an id listed twice.
    package mutating func mark(_ id: @autoclosure () -> String, at position: Int) throws(Contradiction) {
        let (word, bit) = (position / 64, UInt64(1) << UInt64(position % 64))
        if word >= seen.count { seen.append(contentsOf: repeatElement(0, count: word - seen.count + 1)) }
        guard seen[word] & bit == 0 else { throw .repeatedID(id()) }
        seen[word] |= bit
        count += 1
    }

    package func contains(position: Int) -> Bool {
        let word = position / 64
        return word < seen.count && seen[word] & (UInt64(1) << UInt64(position % 64)) != 0
    }
}

/// The newest part of a listing: down to the oldest invite that can still change.
package struct RecentRange: Sendable, Equatable {
    /// Its oldest `invited_at`.
    package let since: Timestamp
    /// The newest `invited_at` below the range. A listing in order goes on with just this one: one that does not is
    /// not what the mirror takes it for.
    package let below: Timestamp

    package init(since: Timestamp, below: Timestamp) {
        self.since = since
        self.below = below
    }
}

/// Whether a listing shows the invites in the order of `invited_at`, newest first.
package struct ListingOrder: Sendable {
    /// Nothing seen so far speaks against it.
    package private(set) var isNewestFirst = true
    /// `invited_at` of the invite seen last.
    package private(set) var oldest: Timestamp?
    private var descents = 0

    /// Steps down that make an order: as many are in order by chance once in 720 times.
    private static let descentsOfAnOrder = 5

    /// Whether it has been seen: a listing of few invites is in every order at once.
    package var isSeen: Bool { isNewestFirst && descents >= Self.descentsOfAnOrder }

    mutating func take(_ invites: [SeenInvite]) {
        for index in invites.indices where isNewestFirst {
            guard let instant = invites[index].invitedAt, oldest.map({ instant <= $0 }) ?? true else {
                isNewestFirst = false
                return
            }
            if let oldest, instant < oldest { descents += 1 }
            oldest = instant
        }
    }
}

extension SeenInvite {
    fileprivate func isInvited(before instant: Timestamp) -> Bool {
        invitedAt.map { $0 < instant } ?? false
    }
}

/// How often a listing may start again from the top.
package struct ListingRestarts: Sendable {
    private var contradictions = 0
    private var hadEmptyLastPage = false

    package static let maximum = 3

    package init() {}

    package enum Verdict: Sendable, Equatable {
        case startAgain
        /// The listing ended so before: it is taken as it is.
        case take
        case giveUp
    }

    package mutating func judge(_ contradiction: Listing.Contradiction) -> Verdict {
        if contradiction == .emptyLastPage {
            defer { hadEmptyLastPage = true }
            return hadEmptyLastPage ? .take : .startAgain
        }
        contradictions += 1
        return contradictions > Self.maximum ? .giveUp : .startAgain
    }
}

extension Listing.Contradiction: CustomStringConvertible {
    package var description: String {
        switch self {
        // The id is the API's text, of any length and with anything in it: not for a sentence.
        case .repeatedID: "an invite was listed twice"
        case .emptyPageWithMore: "a page was empty although it said that there is more"
        case .wrongLastID: "a page's last_id was not the id of its last invite"
        case .cursorRefused(let status): "the API refused a cursor that it had given, with \(status)"
        case .emptyLastPage: "the page after a cursor was empty"
        }
    }
}
