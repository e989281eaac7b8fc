import AdminAPISimulator
import Foundation
import GRDB
import InviteCore
import InviteMirror
import Testing

@Suite("A pass")
struct SyncPassTests {
    @Test("mirrors everything the first time, page by page")
    func first() async throws {
        try await Mirror.with(.still(invites: 25)) { mirror in
            let result = try await mirror.pass()
            #expect(result.failure == nil && result.record.outcome == .complete)
            let counts = result.record.counts
            #expect(counts.pages == 3 && counts.listed == 25 && counts.appeared == 25 && counts.requests == 3)
            #expect(counts.retries == 0 && counts.irregularities == 0 && counts.changed == 0)
            #expect(try await mirror.matchesListing())
            #expect(try mirror.events().count == 25)
            #expect(
                try mirror.rows("SELECT DISTINCT kind, evidence, not_before FROM invite_event") == [
                    "appeared|listed|∅"
                ])
            #expect(
                try mirror.rows("SELECT count(DISTINCT request_id), count(request_id) FROM invite_event") == ["3|25"])
            #expect(try mirror.verification().passed)
        }
    }

    @Test("into an empty mirror leaves indexes and triggers as a later one finds them", arguments: [true, false])
    func fillingRestores(isCompleted: Bool) async throws {
        try await Mirror.with(.still(invites: 25)) { mirror in
            let schema = "SELECT type, name, sql FROM sqlite_schema ORDER BY type, name"
            let before = try mirror.rows(schema)
            if isCompleted {
                try await mirror.pass()
            } else {
                let transaction = try PassTransaction(mirror.store, startedAt: testNow)
                try transaction.startListing(nil)
                #expect(try mirror.rows(schema) != before)
                _ = try transaction.abandon(transaction.record)
            }
            #expect(try mirror.rows(schema) == before)
            // The lists of values hold for everybody else.
            let other = try DatabaseQueue(path: mirror.store.path)
            #expect(throws: DatabaseError.self) {
                try other.write { db in
                    try db.execute(
                        sql: """
                            INSERT INTO invite_event (seq, pass_id, invite_id, kind, evidence, observed_at, document) \
                            VALUES ((SELECT ifnull(max(seq), 0) + 1 FROM invite_event), 1, 'a', 'guessed', 'listed', \
                            '', '{}')
                            """)
                }
            }
        }
    }

    @Test("over an unchanged organisation writes nothing but its row and its checkpoint", arguments: [0, 40])
    func unchanged(invites: Int) async throws {
        try await Mirror.with(.still(invites: invites)) { mirror in
            try await mirror.pass()
            let before = try mirror.contents()
            let changes = try mirror.store.access { $0.totalChangesCount }
            try await mirror.pass()
            // Its row is inserted and updated, and the checkpoint of the log is signed; nothing else is touched.
            let after = try mirror.store.access { $0.totalChangesCount }
            #expect(after - changes == 3)
            #expect(try mirror.contents() == before)
            #expect(
                try mirror.rows("SELECT outcome, listed, appeared FROM sync_pass ORDER BY id").last
                    == "complete|\(invites)|0")
        }
    }

    struct Change: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let apply: @Sendable (inout SimulatedAPI, String) -> Void
        let events: [String]
        var listed = 1
    }

    static let changes = [
        Change(
            testDescription: "accepted", apply: { $0.organization.accept(id: $1) },
            events: ["status_changed|status|pending|accepted|listed"]),
        Change(
            testDescription: "expired", apply: { $0.organization.expire(id: $1) },
            events: ["status_changed|status|pending|expired|listed"]),
        Change(
            testDescription: "deleted and listed", apply: { $0.organization.delete(id: $1) },
            events: ["status_changed|status|pending|deleted|listed"]),
        Change(
            testDescription: "a role", apply: { $0.organization.setField(id: $1, "role", #""billing""#) },
            events: ["field_changed|role|user|billing|listed"]),
        Change(
            testDescription: "an email", apply: { $0.organization.setField(id: $1, "email", #""new@example.com""#) },
            events: ["field_changed|email|x@example.com|new@example.com|listed"]),
        Change(
            testDescription: "a field left out", apply: { $0.organization.setField(id: $1, "email", nil) }, events: []),
        Change(
            testDescription: "deleted and left out",
            apply: { api, id in
                api.modes.listsDeleted = false
                api.organization.delete(id: id)
            }, events: ["status_changed|status|pending|deleted|fetched"], listed: 0),
        Change(
            testDescription: "deleted and unknown",
            apply: { api, id in
                api.modes.listsDeleted = false
                api.modes.getDeleted = .notFound
                api.organization.delete(id: id)
            }, events: ["status_changed|status|pending|deleted|not_found"], listed: 0),
    ]

    @Test("records each kind of change as it is", arguments: changes)
    func change(_ change: Change) async throws {
        try await Mirror.with(.still(invites: 5)) { mirror in
            let id = await mirror.server.withAPI { $0.organization.create(email: "x@example.com", role: "user").id }
            let first = try await mirror.pass()
            let seq = try mirror.eventCount
            await mirror.change { change.apply(&$0, id) }
            try await mirror.pass()
            #expect(try mirror.events(after: seq) == change.events)
            #expect(try mirror.rows("SELECT listed FROM invite WHERE id = ?1", [.text(id)]) == ["\(change.listed)"])
            // It happened after the first pass began and before the answer that shows it.
            let bounds = try mirror.rows("SELECT DISTINCT not_before FROM invite_event WHERE seq > ?1", [.integer(seq)])
            #expect(bounds == (change.events.isEmpty ? [] : [first.record.startedAt.description]))
            #expect(try mirror.verification().passed)
            let settled = try mirror.eventCount
            try await mirror.pass()
            #expect(try mirror.eventCount == settled)
        }
    }

    @Test("records an invite that comes back")
    func reappears() async throws {
        try await Mirror.with(.forgetful(invites: 5)) { mirror in
            let id = await mirror.server.withAPI { $0.organization.create(email: "x@example.com", role: "user").id }
            try await mirror.pass()
            await mirror.change { $0.organization.delete(id: id) }
            let gone = try await mirror.pass()
            await mirror.change { $0.organization.setStatus(id: id, .accepted) }
            let seq = try mirror.eventCount
            try await mirror.pass()
            #expect(
                try mirror.events(after: seq) == [
                    "reappeared|∅|∅|∅|listed", "status_changed|status|deleted|accepted|listed",
                ])
            #expect(
                try mirror.rows("SELECT not_before FROM invite_event WHERE kind = 'reappeared'") == [
                    gone.record.startedAt.description
                ])
            #expect(try mirror.rows("SELECT count(*) FROM absence") == ["0"])
            #expect(try mirror.verification().passed)
        }
    }

    @Test("adopts a new field of the API without events, and says so once")
    func newField() async throws {
        try await Mirror.with(.still(invites: 30)) { mirror in
            try await mirror.pass()
            await mirror.change { $0.modes.showsAcceptedAt = true }
            let second = try await mirror.pass()
            #expect(second.unknownNames == ["accepted_at"] && second.record.counts.irregularities == 1)
            #expect(try mirror.eventCount == 30)
            #expect(try mirror.rows("SELECT count(*) FROM invite WHERE document LIKE '%accepted_at%'") == ["30"])
            let third = try await mirror.pass()
            #expect(third.unknownNames.isEmpty && third.record.counts.irregularities == 0)
            await mirror.change { api in
                let id = api.organization.newestFirst[3].id
                api.organization.setField(id: id, "accepted_at", #""2026-01-01T00:00:00Z""#)
            }
            try await mirror.pass()
            let event = try mirror.rows("SELECT kind, field, new_value FROM invite_event WHERE seq = 31")
            #expect(event == ["field_changed|accepted_at|2026-01-01T00:00:00Z"])
            #expect(try mirror.verification().passed)
        }
    }

    @Test("that is cancelled records that it is incomplete, and nothing else")
    func cancelled() async throws {
        try await Mirror.with(.still(invites: 25)) { mirror in
            await mirror.change { $0.faults.enqueue(.none, .delivery(.stalled)) }
            let (pages, continuation) = AsyncStream.makeStream(of: Void.self)
            await #expect(throws: CancellationError.self) {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        _ = try await mirror.pass { if case .page = $0 { continuation.yield() } }
                    }
                    for await _ in pages { break }
                    group.cancelAll()
                    try await group.waitForAll()
                }
            }
            let row = try mirror.rows("SELECT outcome, pages, error FROM sync_pass")
            #expect(row == ["incomplete|1|stopped in the middle. Nothing was recorded"])
            #expect(try mirror.contents().isEmpty)
            #expect(try await mirror.pass().record.counts.appeared == 25)
        }
    }
}
