import AdminAPISimulator
import Foundation
import InviteCore
import Testing

@Suite("The commands")
struct ReadingTests {
    private static func json(_ text: String) throws -> Any {
        try JSONSerialization.jsonObject(with: Data(text.utf8))
    }

    @Test("print JSON with the names of the columns as keys")
    func json() async throws {
        try await withServer(.still(invites: 30)) { server in
            let mirror = MirrorCommand(folder: try TemporaryFolder(), baseURL: server.baseURL)
            #expect(try await mirror.run("sync").status == 0)
            let commands = [
                (["events"], "invite_event"), (["invites"], "invite"),
                (["invites", "--at", "2099-01-01"], "invite_version"),
            ]
            for (command, table) in commands {
                let program = try Program(command + ["--format", "json"], environment: mirror.environment)
                let outcome = try await program.outcome()
                let rows = try #require(try Self.json(outcome.output) as? [[String: Any]])
                let names = try await sqlite(mirror.database, "SELECT name FROM pragma_table_info('\(table)')")
                #expect(rows.count == 30 && rows.allSatisfy { Set($0.keys) == Set(names) }, "\(command)")
            }
            let status = try #require(
                try Self.json(try await mirror.run("status", "--format", "json").output) as? [String: Any])
            let columns = try await sqlite(mirror.database, "SELECT name FROM pragma_table_info('sync_pass')")
            #expect(Set(status.keys).isSuperset(of: columns) && status["listed"] as? Int == 30)
            let none = try await mirror.run("events", "--since", "2099-01-01", "--format", "json")
            #expect((try Self.json(none.output) as? [Any])?.isEmpty == true && none.status == 0)
            let checks = try #require(
                try Self.json(try await mirror.run("verify", "--format", "json").output) as? [[String: Any]])
            #expect(checks.count >= 5 && checks.allSatisfy { $0["passed"] as? Bool == true })
        }
    }

    @Test("find events by invite, kind and instant")
    func filters() async throws {
        try await withServer(.still(invites: 30)) { server in
            let mirror = MirrorCommand(folder: try TemporaryFolder(), baseURL: server.baseURL)
            #expect(try await mirror.run("sync").status == 0)
            let id = await server.withAPI { api in
                let id = api.organization.newestFirst[4].id
                api.organization.setField(id: id, "role", #""managed""#)
                return id
            }
            #expect(try await mirror.run("sync").status == 0)
            let start = try await sqlite(mirror.database, "SELECT started_at FROM sync_pass WHERE id = 2").joined()
            let filters = [
                (["--invite", id], 2), (["--kind", "field_changed"], 1), (["--since", start], 1), ([], 31),
            ]
            for (filter, count) in filters {
                let program = try Program(["events", "--format", "json"] + filter, environment: mirror.environment)
                let rows = try Self.json(try await program.outcome().output) as? [Any]
                #expect(rows?.count == count, "\(filter)")
            }
        }
    }

    @Test("verify says that an edited mirror is not what its log says")
    func verify() async throws {
        try await withServer(.still(invites: 5)) { server in
            let mirror = MirrorCommand(folder: try TemporaryFolder(), baseURL: server.baseURL)
            #expect(try await mirror.run("sync").status == 0)
            #expect(try await mirror.run("verify").status == 0)
            let edit = "UPDATE invite SET role = 'admin' WHERE rowid = 3"
            #expect(try await Program([mirror.database, edit], path: "/usr/bin/sqlite3").outcome().status == 0)
            let outcome = try await mirror.run("verify")
            #expect(outcome.status == 1 && outcome.output.contains("NOT verified"))
        }
    }

    @Test("demo shows the main job from nothing")
    func demo() async throws {
        let folder = try TemporaryFolder()
        let outcome = try await Program.run("demo", "--folder", folder.path)
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(try await sqlite(folder.file("mirror.db"), "SELECT DISTINCT outcome FROM sync_pass") == ["complete"])
        #expect(try await Program.run("verify", "--database-path", folder.file("mirror.db")).status == 0)
        #expect(try await Program.run("demo", "--folder", folder.path).status == 64)
    }
}
