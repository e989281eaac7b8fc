import InviteCore

/// An organisation and its invites as they truly are, moved through time by ``wind(to:)`` alone.
///
/// The same arguments give the same organisation, byte for byte; another `now` moves every instant along and
/// changes nothing else. What life brings is drawn from the seed and rests on no clock.
package struct SimulatedOrganization: Sendable {
    package let seed: UInt64
    package let organizationID: String
    /// The organisation's present. Moves by ``wind(to:)`` alone.
    package private(set) var now: Timestamp
    /// Every change since the first invite, oldest first; empty unless the organisation keeps its history.
    package private(set) var history: [TrueChange] = []
    package let keepsHistory: Bool

    /// How far back answers of a lagging API may look; zero keeps nothing.
    var remembered: Duration = .zero
    /// What each change of the remembered stretch replaced, oldest first.
    private(set) var replaced: [Replaced] = []
    /// All invites ever created, oldest first; nil for a purged one.
    private(set) var slots: [SimulatedInvite?] = []

    private var positions: [String: Int] = [:]
    private var queue = EventQueue()
    private var handMade = 0
    private var queued = 0
    private let lottery: InviteLottery

    struct Replaced: Sendable {
        let instant: Timestamp
        let position: Int
        let before: SimulatedInvite?
    }

    /// Founds an organisation that at `now` has exactly this many invites, with a plausible past.
    ///
    /// - Parameters:
    ///   - invites: 0 or more. 2,500 of them stretch over about two years and see some seven changes a day.
    ///   - organizationID: drawn from the seed where nil.
    ///   - livesOn: whether winding brings new invites and ends pending ones before their time. Without it
    ///     nothing happens by itself but expiry.
    ///   - keepsHistory: whether ``history`` is kept, from the first invite on.
    package init(
        seed: UInt64, invites: Int, now: Timestamp, organizationID: String? = nil, livesOn: Bool = true,
        keepsHistory: Bool = false
    ) {
        precondition(invites >= 0, "an organisation cannot have fewer than no invites")
        self.seed = seed
        self.now = now
        self.organizationID = organizationID ?? InviteLottery.organizationID(seed: seed)
        self.keepsHistory = keepsHistory
        lottery = InviteLottery(seed: seed, invites: invites)
        settle(invites, livesOn: livesOn)
    }

    /// Lets life go on until the given instant; an instant in the past changes nothing.
    ///
    /// The outcome does not depend on how a stretch is cut into steps.
    package mutating func wind(to instant: Timestamp) {
        guard instant > now else { return }
        while let event = queue.earliest, event.instant <= instant {
            _ = queue.pop()
            now = event.instant
            happen(event)
        }
        now = instant
        forget()
    }

    // MARK: Reading

    /// How many invites there are, purged ones not counted.
    package var count: Int { positions.count }

    /// All invites, most recent first.
    package var newestFirst: [SimulatedInvite] {
        slots.reversed().compactMap(\.self)
    }

    package subscript(id: String) -> SimulatedInvite? {
        position(of: id).flatMap { slots[$0] }
    }

    func position(of id: String) -> Int? {
        positions[id]
    }

    // MARK: Life

    /// Lays out the past, from the oldest invite to the newest.
    private mutating func settle(_ invites: Int, livesOn: Bool) {
        slots.reserveCapacity(invites)
        positions.reserveCapacity(invites)
        var instants: [Timestamp] = []
        instants.reserveCapacity(invites)
        // `now` lies in the middle of the gap between the newest invite and the one to come.
        let half = Duration.microseconds(lottery.gap(before: invites).wholeMicroseconds / 2 + 1)
        var instant = now - half
        for serial in stride(from: invites - 1, through: 0, by: -1) {
            instants.append(instant)
            instant = instant - lottery.gap(before: serial)
        }
        for serial in 0..<invites {
            settle(serial: serial, invitedAt: instants[invites - 1 - serial], livesOn: livesOn)
        }
        if livesOn { push(at: now + half, .creation(serial: invites)) }
        history.sort { $0.instant < $1.instant }
    }

    private mutating func settle(serial: Int, invitedAt: Timestamp, livesOn: Bool) {
        var (invite, fate) = lottery.draw(serial: serial, invitedAt: invitedAt)
        let closeToExpiry = invitedAt + SimulatedInvite.lifetime - .seconds(86400)
        if fate.status == .expired, closeToExpiry < now, invite.expiresAt > now {
            // Nothing that is pending today expires before tomorrow, so this one has ended by now.
            let share = lottery.earlyEnd(serial: serial) * 0.95
            let early = Int64(Double((closeToExpiry - invitedAt).wholeMicroseconds) * share)
            fate = InviteLottery.Fate(status: .accepted, delay: .microseconds(early))
        }
        let end = invitedAt + fate.delay
        let position = slots.count
        if end <= now {
            invite.status = fate.status
            invite.statusSince = end
        } else {
            expect(fate, of: invite, at: position, livesOn: livesOn)
        }
        positions[invite.id] = position
        slots.append(invite)
        guard keepsHistory else { return }
        history.append(TrueChange(instant: invitedAt, inviteID: invite.id, change: .created))
        guard end <= now else { return }
        let change = TrueChange.Change.status(from: .pending, to: fate.status)
        history.append(TrueChange(instant: end, inviteID: invite.id, change: change))
    }

    private mutating func happen(_ event: EventQueue.Event) {
        switch event.kind {
        case .creation(let serial):
            let (invite, fate) = lottery.draw(serial: serial, invitedAt: now)
            expect(fate, of: invite, at: slots.count, livesOn: true)
            add(invite)
            push(at: now + lottery.gap(before: serial + 1), .creation(serial: serial + 1))
        case .end(let position, let status, let generation):
            guard let invite = slots[position], invite.status == .pending, invite.generation == generation else {
                return
            }
            change(position, to: status)
        }
    }

    private mutating func expect(
        _ fate: InviteLottery.Fate, of invite: SimulatedInvite, at position: Int, livesOn: Bool
    ) {
        if livesOn, fate.status != .expired {
            let end = EventQueue.Kind.end(position: position, status: fate.status, generation: invite.generation)
            push(at: invite.invitedAt + fate.delay, end)
        } else {
            expectExpiry(of: invite, at: position)
        }
    }

    private mutating func push(at instant: Timestamp, _ kind: EventQueue.Kind) {
        queue.push(EventQueue.Event(instant: instant, tieBreaker: queued, kind: kind))
        queued += 1
    }

    /// Drops what lies further back than any answer looks.
    private mutating func forget() {
        let horizon = now - remembered
        guard let oldest = replaced.first, oldest.instant < horizon else { return }
        let kept = replaced.firstIndex { $0.instant >= horizon } ?? replaced.count
        // Half at least, so that dropping stays cheap however often time moves.
        if kept * 2 >= replaced.count { replaced.removeFirst(kept) }
    }
}

// MARK: Steps that mutators are made of

extension SimulatedOrganization {
    mutating func add(_ invite: SimulatedInvite) {
        positions[invite.id] = slots.count
        slots.append(invite)
        record(.created, of: invite.id)
    }

    mutating func change(_ position: Int, to status: SimulatedInvite.Status) {
        guard let invite = slots[position], invite.status != status else { return }
        let instant = now
        replace(position) {
            $0.status = status
            $0.statusSince = instant
        }
        record(.status(from: invite.status, to: status), of: invite.id)
    }

    mutating func replace(_ position: Int, _ change: (inout SimulatedInvite) -> Void) {
        remember(position)
        if var invite = slots[position] {
            change(&invite)
            slots[position] = invite
        }
    }

    mutating func remove(_ position: Int) {
        guard let invite = slots[position] else { return }
        remember(position)
        slots[position] = nil
        positions[invite.id] = nil
        record(.purged, of: invite.id)
    }

    mutating func expectExpiry(of invite: SimulatedInvite, at position: Int) {
        push(
            at: invite.expiresAt, .end(position: position, status: .expired, generation: invite.generation))
    }

    mutating func nextHandMadeID() -> String {
        handMade += 1
        return lottery.handMadeID(handMade)
    }

    mutating func record(_ change: TrueChange.Change, of id: String) {
        guard keepsHistory else { return }
        history.append(TrueChange(instant: now, inviteID: id, change: change))
    }

    private mutating func remember(_ position: Int) {
        guard remembered > .zero else { return }
        replaced.append(Replaced(instant: now, position: position, before: slots[position]))
    }
}
