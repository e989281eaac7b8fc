import AdminAPISimulator
import Foundation
import InviteCore
import InviteMirror
import Testing

@Suite("The absence of an invite")
struct AbsenceTests {
    private static func modes(_ getDeleted: Modes.GetDeleted) -> Modes {
        var modes = Modes()
        modes.listsDeleted = false
        modes.getDeleted = getDeleted
        return modes
    }

    @Test(
        "that ended in a deletion is one, by what Get Invite says",
        arguments: [
            (Modes.GetDeleted.found, "fetched"), (.notFound, "not_found"),
        ])
    func deleted(getDeleted: Modes.GetDeleted, evidence: String) async throws {
        try await Mirror.with(.still(invites: 5, modes: Self.modes(getDeleted))) { mirror in
            let id = await mirror.server.withAPI { $0.organization.create(email: "x@example.com", role: "user").id }
            try await mirror.pass()
            let seq = try mirror.eventCount
            await mirror.change { $0.organization.delete(id: id) }
            try await mirror.pass()
            #expect(try mirror.events(after: seq) == ["status_changed|status|pending|deleted|\(evidence)"])
            #expect(try mirror.rows("SELECT status, listed FROM invite WHERE id = ?1", [.text(id)]) == ["deleted|0"])
            #expect(try mirror.verification().passed)
        }
    }

    @Test("that was known as deleted already is only its vanishing")
    func knownAsDeleted() async throws {
        try await Mirror.with(.still(invites: 5)) { mirror in
            let id = await mirror.server.withAPI { $0.organization.create(email: "x@example.com", role: "user").id }
            try await mirror.pass()
            await mirror.change { $0.organization.delete(id: id) }
            try await mirror.pass()
            let seq = try mirror.eventCount
            await mirror.change { $0.modes.listsDeleted = false }
            try await mirror.pass()
            #expect(try mirror.events(after: seq).contains("vanished|∅|∅|∅|fetched"))
            #expect(try mirror.rows("SELECT status, listed FROM invite WHERE id = ?1", [.text(id)]) == ["deleted|0"])
            #expect(try mirror.verification().passed)
        }
    }

    @Test("that followed an acceptance is its vanishing, with the status kept")
    func purged() async throws {
        try await Mirror.with(.still(invites: 5)) { mirror in
            let id = await mirror.server.withAPI { $0.organization.create(email: "x@example.com", role: "user").id }
            await mirror.change { $0.organization.accept(id: id) }
            try await mirror.pass()
            let seq = try mirror.eventCount
            await mirror.change { $0.organization.purge(id: id) }
            try await mirror.pass()
            #expect(try mirror.events(after: seq) == ["vanished|∅|∅|∅|not_found"])
            #expect(try mirror.rows("SELECT status, listed FROM invite WHERE id = ?1", [.text(id)]) == ["accepted|0"])
            #expect(try mirror.verification().passed)
        }
    }

    @Test("that had run out is its vanishing")
    func ranOut() async throws {
        try await Mirror.with(.still(invites: 5)) { mirror in
            let id = await mirror.server.withAPI { $0.organization.create(email: "x@example.com", role: "user").id }
            try await mirror.pass()
            let seq = try mirror.eventCount
            await mirror.change { $0.organization.purge(id: id) }
            mirror.clock.move(by: .seconds(22 * 86400))
            try await mirror.pass()
            #expect(try mirror.events(after: seq) == ["vanished|∅|∅|∅|not_found"])
            #expect(try mirror.rows("SELECT status, listed FROM invite WHERE id = ?1", [.text(id)]) == ["pending|0"])
        }
    }

    @Test("that Get Invite denies is believed after three complete passes in a row")
    func denied() async throws {
        try await Mirror.with(.still(invites: 5)) { mirror in
            let id = await mirror.server.withAPI { $0.organization.create(email: "x@example.com", role: "user").id }
            try await mirror.pass()
            let seq = try mirror.eventCount
            // List does not show a deleted one, and Get shows what it was an hour ago: pending.
            await mirror.change { api in
                api.modes.listsDeleted = false
                api.modes.getLag = .seconds(3600)
                api.organization.wind(to: testNow + .seconds(7200))
                api.organization.delete(id: id)
            }
            for number in 1...2 {
                let result = try await mirror.pass()
                #expect(result.record.counts.irregularities == 1 && result.record.outcome == .complete)
                #expect(try mirror.eventCount == seq, "pass \(number)")
            }
            // An incomplete pass in between is none of the three.
            await mirror.change { $0.faults.enqueue(.status(401)) }
            #expect(try await mirror.pass().record.outcome == .incomplete)
            #expect(try await mirror.pass().record.counts.vanished == 1)
            #expect(try mirror.events(after: seq) == ["vanished|∅|∅|∅|fetched"])
            #expect(try mirror.rows("SELECT status, listed FROM invite WHERE id = ?1", [.text(id)]) == ["pending|0"])
            #expect(try mirror.verification().passed)
        }
    }

    @Test(
        "is asked for again when Get Invite gives no answer",
        arguments: [
            Fault.status(400), .status(401), .status(403), .status(500), .delivery(.reset), .malformed(.notJSON),
            .malformed(.inviteWithoutID), .redirect(302, location: "/"), .malformed(.numericID),
        ])
    func unanswered(fault: Fault) async throws {
        try await Mirror.with(.forgetful(invites: 5)) { mirror in
            let id = await mirror.server.withAPI { $0.organization.create(email: "x@example.com", role: "user").id }
            try await mirror.pass()
            let seq = try mirror.eventCount
            await mirror.change { api in
                api.modes.getDeleted = .found
                api.organization.delete(id: id)
                for _ in 0..<4 { api.faults.enqueue(fault, on: .get) }
            }
            let result = try await mirror.pass()
            #expect(result.record.outcome == .complete && result.record.counts.vanished == 0)
            #expect(try mirror.eventCount == seq)
            #expect(try mirror.rows("SELECT listed FROM invite WHERE id = ?1", [.text(id)]) == ["1"])
            await mirror.change { $0.faults = FaultPlan() }
            try await mirror.pass()
            #expect(try mirror.events(after: seq) == ["status_changed|status|pending|deleted|fetched"])
            #expect(try mirror.verification().passed)
        }
    }

    @Test("is asked for 200 times in a pass at the most, the rest in the next one")
    func budget() async throws {
        try await Mirror.with(.forgetful(invites: 0)) { mirror in
            var mirror = mirror
            mirror.pageSize = 1000
            let ids = await mirror.server.withAPI { api in
                (0..<500).map { api.organization.create(email: "x\($0)@example.com", role: "user").id }
            }
            try await mirror.pass()
            await mirror.change { api in for id in ids[..<230] { api.organization.delete(id: id) } }
            let first = try await mirror.pass()
            #expect(first.record.counts.vanished == 200 && first.record.counts.requests == 201)
            let second = try await mirror.pass()
            #expect(second.record.counts.vanished == 30 && second.record.counts.requests == 31)
            #expect(try await mirror.matchesListing())
            #expect(try mirror.verification().passed)
        }
    }

    @Test("ends by itself when the invite is listed again before its absence is confirmed")
    func listedAgain() async throws {
        try await Mirror.with(.still(invites: 5)) { mirror in
            let id = await mirror.server.withAPI { $0.organization.create(email: "x@example.com", role: "user").id }
            try await mirror.pass()
            let before = try mirror.contents()
            await mirror.change { api in
                api.modes.listsDeleted = false
                api.organization.setStatus(id: id, .deleted)
                for _ in 0..<4 { api.faults.enqueue(.status(500), on: .get) }
            }
            #expect(try await mirror.pass().record.outcome == .complete)
            #expect(try mirror.rows("SELECT count(*) FROM absence WHERE confirmed = 0").first != "0")
            await mirror.change { api in
                api.modes.listsDeleted = true
                api.faults = FaultPlan()
                api.organization.setStatus(id: id, .pending)
            }
            try await mirror.pass()
            #expect(try mirror.contents() == before)
        }
    }
}
