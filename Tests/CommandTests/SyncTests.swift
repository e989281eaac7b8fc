import AdminAPISimulator
import Foundation
import InviteCore
import Testing

@Suite("invite-mirror sync")
struct SyncTests {
    @Test("mirrors 2,500 invites of `simulate`, then only what changes")
    func simulated() async throws {
        let environment = ["ANTHROPIC_ADMIN_KEY": testSecret]
        let simulator = try Program(["simulate", "--port", "0", "--invites", "2500"], environment: environment)
        defer { simulator.send(SIGTERM) }
        let line = try await simulator.line(with: "ANTHROPIC_BASE_URL=")
        let baseURL = String(line.drop { $0 != "=" }.dropFirst())
        let mirror = MirrorCommand(folder: try TemporaryFolder(), baseURL: baseURL)

        let first = try await mirror.run("sync")
        #expect(first.status == 0, "\(first.errors)")
        #expect(
            try await sqlite(mirror.database, "SELECT pages, listed, appeared, requests FROM sync_pass") == [
                "3|2500|2500|3"
            ])
        #expect(try await sqlite(mirror.database, "SELECT count(*) FROM invite WHERE listed = 1") == ["2500"])
        #expect(try await sqlite(mirror.database, "SELECT count(*), max(seq) FROM invite_event") == ["2500|2500"])

        #expect(try await mirror.run("sync").status == 0)
        #expect(try await sqlite(mirror.database, "SELECT count(*) FROM invite_event") == ["2500"])

        let pending = "SELECT id FROM pending_invite ORDER BY invited_at DESC LIMIT 1"
        let id = try #require(try await sqlite(mirror.database, pending).first)
        #expect(try await mirror.run("api", "delete", id, "--yes").status == 0)
        let created = try await mirror.run(
            "api", "create", "--email", "new@example.com", "--role", "developer", "--format", "json")
        #expect(created.status == 0, "\(created.errors)")
        #expect(try await mirror.run("sync").status == 0)
        let events = """
            SELECT kind, field, old_value, new_value, evidence, json_extract(document, '$.email') = 'new@example.com', \
            invite_id = '\(id)' FROM invite_event WHERE seq > 2500 ORDER BY kind
            """
        #expect(
            try await sqlite(mirror.database, events) == [
                "appeared|||pending|listed|1|0", "status_changed|status|pending|deleted|listed|0|1",
            ])
        #expect(try await mirror.run("verify").status == 0)
        simulator.send(SIGTERM)
        let end = try await simulator.outcome()
        #expect(end.status == 0 && !(first.output + first.errors + end.output + end.errors).contains(testSecret))
    }

    /// A log that an early version began has no checkpoint before its migration.
    @Test("says what moved", arguments: [true, false])
    func summary(hasCheckpoint: Bool) async throws {
        try await withServer(.still(invites: 5)) { server in
            let mirror = MirrorCommand(folder: try TemporaryFolder(), baseURL: server.baseURL)
            let first = try await mirror.run("sync")
            #expect(first.status == 0 && !first.output.contains("→"))
            let pending = "SELECT id FROM pending_invite LIMIT 1"
            let id = try #require(try await sqlite(mirror.database, pending).first)
            #expect(try await mirror.run("api", "delete", id, "--yes").status == 0)
            if !hasCheckpoint {
                let forget = "DROP TRIGGER log_checkpoint_no_delete; DELETE FROM log_checkpoint"
                #expect(try await Program([mirror.database, forget], path: "/usr/bin/sqlite3").outcome().status == 0)
            }
            let second = try await mirror.run("sync")
            #expect(second.status == 0 && second.output.contains("\n  \(id)  pending → deleted  (listed)\n"))
        }
    }

    @Test("takes the page of the documentation, microseconds and all")
    func documentation() async throws {
        let fixture = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Fixtures/documentation-page.json")
        let page = try String(contentsOf: fixture, encoding: .utf8)
        let end = #"{"data":[],"first_id":null,"has_more":false,"last_id":null}"#
        // The empty last page is asked for a second time before it is believed.
        let server = try StaticServer([page, end, page, end])
        let mirror = MirrorCommand(folder: try TemporaryFolder(), baseURL: server.baseURL)
        let outcome = try await mirror.run("sync")
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(
            try await sqlite(mirror.database, "SELECT id, email, role, status, invited_at, expires_at FROM invite") == [
                "invite_015gWxCN9Hfg2QhZwTK7Mdeu|user@emaildomain.com|user|pending|"
                    + "2024-10-30T23:58:27.427722Z|2024-11-20T23:58:27.427722Z"
            ])
        #expect(try await sqlite(mirror.database, "SELECT pages, irregularities FROM sync_pass") == ["4|0"])
    }

    @Test("comes to the same rows and events after it was killed in the middle", arguments: [SIGKILL, SIGTERM, SIGINT])
    func killed(signal: Int32) async throws {
        try await withServer(.still(invites: 500)) { server in
            let folder = (try TemporaryFolder(), try TemporaryFolder())
            let undisturbed = MirrorCommand(folder: folder.0, baseURL: server.baseURL)
            let killed = MirrorCommand(folder: folder.1, baseURL: server.baseURL)
            #expect(try await undisturbed.run("sync", "--full", "--api-page-size", "100").status == 0)
            #expect(try await killed.run("sync", "--full", "--api-page-size", "100").status == 0)
            await server.withAPI { api in
                for invite in api.organization.newestFirst.prefix(300) {
                    api.organization.setField(id: invite.id, "role", #""managed""#)
                }
            }
            #expect(try await undisturbed.run("sync", "--full", "--api-page-size", "100").status == 0)
            // Three pages, then silence: the third request has been met when the kill comes.
            let third = Meeting()
            await server.withAPI { $0.faults.enqueue(.none, .none, third.fault, .delivery(.stalled)) }
            let program = try killed.start("sync", "--full", "--api-page-size", "100")
            await third.wait()
            program.send(signal)
            let outcome = try await program.outcome()
            if signal == SIGKILL { #expect(outcome.isSignal && outcome.status == signal) }
            // The fourth request may not have been sent yet.
            await server.withAPI { $0.faults = FaultPlan() }
            let row = "SELECT outcome, finished_at IS NULL FROM sync_pass ORDER BY id DESC LIMIT 1"
            #expect(try await sqlite(killed.database, row) == [signal == SIGKILL ? "running|1" : "incomplete|0"])
            #expect(try await killed.run("sync", "--full", "--api-page-size", "100").status == 0)
            #expect(try await killed.dump() == undisturbed.dump())
            #expect(
                try await sqlite(killed.database, "SELECT outcome, finished_at IS NULL FROM sync_pass WHERE id = 2")
                    == [
                        signal == SIGKILL ? "incomplete|1" : "incomplete|0"
                    ])
            #expect(try await killed.run("verify").status == 0)
        }
    }
}
