import AdminAPISimulator
import InviteCore
import Testing

@Suite("An organisation")
struct OrganizationTests {
    private static let now = Timestamp(rfc3339: "2026-05-04T10:20:30.123456Z")!
    private static let day = Duration.seconds(86400)

    @Test("begins with exactly as many invites as asked for", arguments: [0, 1, 2, 39, 40, 41, 700, 2500])
    func size(count: Int) {
        let organization = SimulatedOrganization(seed: 7, invites: count, now: Self.now)
        #expect(organization.count == count)
        #expect(organization.newestFirst.count == count)
        #expect(Set(organization.newestFirst.map(\.id)).count == count)
    }

    @Test("is the same for the same arguments", arguments: [UInt64(0), 1, .max])
    func same(seed: UInt64) {
        let one = SimulatedOrganization(seed: seed, invites: 300, now: Self.now, keepsHistory: true)
        let two = SimulatedOrganization(seed: seed, invites: 300, now: Self.now, keepsHistory: true)
        #expect(one.newestFirst == two.newestFirst)
        #expect(one.history == two.history)
        #expect(one.organizationID == two.organizationID)
        let other = SimulatedOrganization(seed: seed &+ 1, invites: 300, now: Self.now)
        #expect(one.newestFirst != other.newestFirst)
        #expect(one.organizationID != other.organizationID)
    }

    @Test("moves its instants along with another now, and changes nothing else")
    func movedAlong() {
        let shift = Duration.microseconds(777_000_123_456_789)
        var one = SimulatedOrganization(seed: 3, invites: 200, now: Self.now)
        var two = SimulatedOrganization(seed: 3, invites: 200, now: Self.now + shift)
        one.wind(to: one.now + Self.day * 30)
        two.wind(to: two.now + Self.day * 30)
        #expect(one.count == two.count)
        for (left, right) in zip(one.newestFirst, two.newestFirst) {
            #expect(left.id == right.id && left.email == right.email && left.role == right.role)
            #expect(left.status == right.status)
            #expect(left.invitedAt + shift == right.invitedAt && left.expiresAt + shift == right.expiresAt)
            #expect(left.statusSince + shift == right.statusSince)
        }
    }

    @Test("has a plausible past", arguments: [UInt64(1), 2, 3, 4, 5])
    func past(seed: UInt64) throws {
        let organization = SimulatedOrganization(seed: seed, invites: 2500, now: Self.now)
        let invites = organization.newestFirst
        let counts = Dictionary(grouping: invites, by: \.status).mapValues(\.count)
        #expect((1650...1850).contains(try #require(counts[.accepted])))
        #expect((400...550).contains(try #require(counts[.expired])))
        #expect((200...300).contains(try #require(counts[.deleted])))
        #expect((8...60).contains(try #require(counts[.pending])))
        #expect(counts[.declined] == nil)
        #expect(Set(invites.map(\.role)) == ["user", "developer", "billing", "admin", "claude_code_user"])
        #expect(Set(invites.compactMap { $0.email.split(separator: "@").last }).count > 3)
        #expect(zip(invites, invites.dropFirst()).allSatisfy { $0.invitedAt >= $1.invitedAt })
        #expect(invites.allSatisfy { $0.expiresAt - $0.invitedAt == Self.day * 21 && $0.invitedAt < Self.now })
        #expect(invites.allSatisfy { $0.statusSince <= Self.now && $0.statusSince >= $0.invitedAt })
        #expect(invites.contains { $0.invitedAt.microseconds % 1000 != 0 })
        #expect(invites.allSatisfy { $0.id.hasPrefix("invite_01") && $0.id.count == 31 })
    }

    @Test("has nothing pending that expires within a day", arguments: [40, 2500, 20_000])
    func pendingToday(count: Int) {
        for seed in 0..<UInt64(10) {
            let organization = SimulatedOrganization(seed: seed, invites: count, now: Self.now)
            let pending = organization.newestFirst.filter { $0.status == .pending }
            #expect(pending.allSatisfy { $0.expiresAt >= Self.now + Self.day }, "seed \(seed)")
        }
    }

    @Test("of 2,500 sees some seven changes a day")
    func pace() {
        var organization = SimulatedOrganization(seed: 11, invites: 2500, now: Self.now, keepsHistory: true)
        let before = organization.history.count
        organization.wind(to: organization.now + Self.day * 100)
        #expect((560...840).contains(organization.history.count - before))
    }

    @Test("of 40 shows every kind of change within three weeks", arguments: UInt64(0)..<50)
    func smallLife(seed: UInt64) {
        var organization = SimulatedOrganization(seed: seed, invites: 40, now: Self.now, keepsHistory: true)
        let before = organization.history.count
        organization.wind(to: organization.now + Self.day * 21)
        let changes = Set(organization.history[before...].map(\.change))
        #expect(
            changes == [
                .created, .status(from: .pending, to: .accepted), .status(from: .pending, to: .expired),
                .status(from: .pending, to: .deleted),
            ])
    }

    @Test("winds the same way in one step or in many", arguments: [0, 1, 40, 1500])
    func steps(count: Int) {
        let start = SimulatedOrganization(seed: 5, invites: count, now: Self.now, keepsHistory: true)
        let end = Self.now + Self.day * 60
        var atOnce = start
        atOnce.wind(to: end)
        var stepwise = start
        var generator = SeededGenerator(seed: 9)
        while stepwise.now < end {
            stepwise.wind(to: min(end, stepwise.now + .seconds(Int64.random(in: 1...200_000, using: &generator))))
        }
        #expect(atOnce.newestFirst == stepwise.newestFirst)
        #expect(atOnce.history == stepwise.history)
        #expect(atOnce.count > start.count)
        let instants = atOnce.history.map(\.instant)
        #expect(zip(instants, instants.dropFirst()).allSatisfy { $0 <= $1 })
    }

    @Test("keeps a history that folds to its invites")
    func fold() {
        var organization = SimulatedOrganization(seed: 6, invites: 120, now: Self.now, keepsHistory: true)
        organization.wind(to: organization.now + Self.day * 40)
        var statuses: [String: SimulatedInvite.Status] = [:]
        for change in organization.history {
            switch change.change {
            case .created: statuses[change.inviteID] = .pending
            case .status(let old, let new):
                #expect(statuses[change.inviteID] == old)
                statuses[change.inviteID] = new
            case .field, .purged: Issue.record("life sets no field and purges nothing")
            }
        }
        #expect(statuses == Dictionary(uniqueKeysWithValues: organization.newestFirst.map { ($0.id, $0.status) }))
    }

    @Test("expires an invite exactly at its expires_at")
    func expiry() throws {
        var organization = SimulatedOrganization(seed: 1, invites: 0, now: Self.now, livesOn: false)
        let invite = organization.create(email: "a@example.com", role: "user")
        organization.wind(to: invite.expiresAt - .microseconds(1))
        #expect(organization[invite.id]?.status == .pending)
        organization.wind(to: invite.expiresAt)
        #expect(organization[invite.id]?.status == .expired)
        #expect(organization.count == 1)
    }

    @Test("does not go back in time")
    func noWayBack() {
        var organization = SimulatedOrganization(seed: 1, invites: 10, now: Self.now)
        organization.wind(to: Self.now - Self.day)
        #expect(organization.now == Self.now)
    }

    @Test("is changed by hand, and remembers how")
    func mutators() throws {
        var organization = SimulatedOrganization(seed: 1, invites: 0, now: Self.now, livesOn: false, keepsHistory: true)
        let ids = (0..<5).map { organization.create(email: "p\($0)@example.com", role: "user").id }
        #expect(organization.accept(id: ids[0]) && !organization.accept(id: ids[0]))
        #expect(organization.delete(id: ids[1]) && !organization.accept(id: ids[1]))
        #expect(organization.expire(id: ids[2]) && organization.decline(id: ids[3]))
        #expect(organization.purge(id: ids[4]) && !organization.purge(id: ids[4]) && organization[ids[4]] == nil)
        organization.wind(to: Self.now + Self.day)
        #expect(organization.resend(id: ids[2]) && !organization.resend(id: ids[0]))
        let resent = try #require(organization[ids[2]])
        #expect(resent.status == .pending && resent.expiresAt == Self.now + Self.day * 22)
        organization.wind(to: Self.now + Self.day * 21)
        #expect(organization[ids[2]]?.status == .pending)
        organization.wind(to: Self.now + Self.day * 22)
        #expect(organization[ids[2]]?.status == .expired)
        #expect(organization.setField(id: ids[0], "accepted_at", "null") && !organization.setField(id: "x", "y", "1"))
        #expect(organization.setStatus(id: ids[0], .deleted) && !organization.setStatus(id: ids[0], .deleted))
        #expect(organization.count == 4)
        let changes = organization.history.filter { $0.inviteID == ids[0] }.map(\.change)
        #expect(
            changes == [
                .created, .status(from: .pending, to: .accepted),
                .field(name: "accepted_at", old: nil, new: "null"), .status(from: .accepted, to: .deleted),
            ])
    }
}
