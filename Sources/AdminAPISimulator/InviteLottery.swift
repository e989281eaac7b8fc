import InviteCore

/// Draws invites and their fates: everything in an organisation that is chance.
///
/// Each invite has a stream of its own, keyed by its serial number: what is done to one never changes another.
struct InviteLottery: Sendable {
    let seed: UInt64
    /// Mean time between two invites of the organisation's own life.
    let meanGap: Duration

    /// Days in which an organisation gets as many invites as it began with: 3.5 a day for 2,500, and as many ends.
    private static let growthSpanDays = 714.0
    /// Small organisations live too: about three weeks show every kind of change.
    private static let leastPerDay = 1.0

    init(seed: UInt64, invites: Int) {
        self.seed = seed
        let perDay = max(Self.leastPerDay, Double(invites) / Self.growthSpanDays)
        meanGap = .microseconds(Int64(86_400_000_000 / perDay))
    }

    /// What becomes of an invite, and how long after its creation.
    struct Fate: Sendable {
        var status: SimulatedInvite.Status
        var delay: Duration
    }

    /// The time between the creations of the invites `serial - 1` and `serial`: bursts, and quiet stretches.
    func gap(before serial: Int) -> Duration {
        var generator = SeededGenerator(seed: seed, domain: .gap, index: serial)
        let unit = generator.unit()
        return .microseconds(Int64(Double(meanGap.wholeMicroseconds) * 3 * unit * unit) + 1)
    }

    /// The invite with this serial number, and its fate.
    func draw(serial: Int, invitedAt: Timestamp) -> (invite: SimulatedInvite, fate: Fate) {
        var generator = SeededGenerator(seed: seed, domain: .invite, index: serial)
        let id = Self.inviteID(&generator)
        let email = Self.email(&generator)
        let role = Self.role(&generator)
        let invite = SimulatedInvite(id: id, email: email, role: role, invitedAt: invitedAt)
        let status = deck(serial / Self.deck.count)[serial % Self.deck.count]
        return (invite, Fate(status: status, delay: Self.delay(until: status, &generator)))
    }

    /// The id of the n-th invite that was created by hand (or re-sent as a new one).
    func handMadeID(_ number: Int) -> String {
        var generator = SeededGenerator(seed: seed, domain: .created, index: number)
        return Self.inviteID(&generator)
    }

    /// An organisation's id in the form of a UUID.
    static func organizationID(seed: UInt64) -> String {
        var generator = SeededGenerator(seed: seed, domain: .organizationID, index: 0)
        let digits = Array("0123456789abcdef")
        var text = ""
        for place in 0..<32 {
            if [8, 12, 16, 20].contains(place) { text.append("-") }
            text.append(place == 12 ? "4" : place == 16 ? "a" : digits[generator.below(16)])
        }
        return text
    }

    // MARK: Fates

    /// Fates are dealt from decks, not thrown like dice: every ten invites in a row hold every kind.
    private static let deck: [SimulatedInvite.Status] =
        Array(repeating: .accepted, count: 7) + [.expired, .expired, .deleted]

    private func deck(_ number: Int) -> [SimulatedInvite.Status] {
        var generator = SeededGenerator(seed: seed, domain: .fates, index: number)
        var deck = Self.deck
        for place in stride(from: deck.count - 1, to: 0, by: -1) {
            deck.swapAt(place, generator.below(place + 1))
        }
        return deck
    }

    /// Most accept within two days, nobody after a fortnight; mistakes are withdrawn within 15 days.
    private static func delay(
        until status: SimulatedInvite.Status, _ generator: inout SeededGenerator
    ) -> Duration {
        let unit = generator.unit()
        switch status {
        case .accepted: return .microseconds(60_000_000 + Int64(unit * unit * unit * 14 * 86_400_000_000))
        case .deleted, .declined: return .microseconds(600_000_000 + Int64(unit * unit * 15 * 86_400_000_000))
        case .expired, .pending: return SimulatedInvite.lifetime
        }
    }

    /// A share of an invite's first twenty days, in 0..<1, for one that must have ended in time.
    func earlyEnd(serial: Int) -> Double {
        var generator = SeededGenerator(seed: seed, domain: .earlyEnd, index: serial)
        return generator.unit()
    }

    // MARK: Fields

    private static func inviteID(_ generator: inout SeededGenerator) -> String {
        "invite_01" + generator.base58(22)
    }

    private static func email(_ generator: inout SeededGenerator) -> String {
        let first = firstNames[generator.below(firstNames.count)]
        let last = lastNames[generator.below(lastNames.count)]
        let domain = domains[generator.below(domains.count)]
        switch generator.below(4) {
        case 0: return "\(first)@\(domain)"
        case 1: return "\(first).\(last)\(generator.below(9000) + 1000)@\(domain)"
        case 2: return "\(first.prefix(1)).\(last)\(generator.below(90) + 10)@\(domain)"
        default: return "\(first).\(last)@\(domain)"
        }
    }

    private static func role(_ generator: inout SeededGenerator) -> String {
        switch generator.below(100) {
        case ..<58: "user"
        case ..<86: "developer"
        case ..<93: "claude_code_user"
        case ..<97: "billing"
        default: "admin"
        }
    }

    private static let firstNames = [
        "aisha", "alex", "amara", "anna", "arjun", "ben", "carla", "chen", "dana", "david", "elena", "emeka", "eva",
        "fatima", "felix", "grace", "hana", "hugo", "ines", "ivan", "jana", "jonas", "kofi", "lara", "leo", "lin",
        "maria", "mateo", "mei", "nadia", "noah", "olga", "omar", "paul", "priya", "rosa", "sam", "sofia", "tariq",
        "tom", "yuki", "zoe",
    ]
    private static let lastNames = [
        "adeyemi", "ahmed", "andersen", "baker", "becker", "brown", "costa", "dubois", "evans", "fischer", "garcia",
        "gupta", "hansen", "hughes", "ito", "jensen", "kaya", "khan", "kim", "kowalski", "larsen", "lopez", "meyer",
        "mensah", "moreau", "nguyen", "novak", "okafor", "patel", "petrov", "rossi", "santos", "sato", "schmidt",
        "silva", "singh", "smith", "tanaka", "wang", "weber", "yilmaz", "zhang",
    ]
    private static let domains = [
        "example.com", "labs.example.com", "eng.example.com", "example.org", "research.example.org", "example.net",
        "partners.example.net",
    ]
}
