import AdminAPISimulator
import Foundation
import InviteCore
import Testing

@Suite("The exit codes")
struct ExitStatusTests {
    @Test(
        "say that it was used wrongly",
        arguments: [
            [], ["nonsense"], ["sync", "--nonsense"], ["sync", "extra"], ["events", "--since", "someday"],
            ["events", "--kind", "exploded"], ["invites", "--format", "xml"], ["api"], ["api", "list", "--limit", "0"],
            ["api", "list", "--after-id", "a", "--before-id", "b"], ["api", "get"], ["simulate", "--port", "70000"],
        ])
    func usage(arguments: [String]) async throws {
        let outcome = try await Program(arguments).outcome()
        #expect(outcome.status == 64 && outcome.output.isEmpty && !outcome.errors.isEmpty)
    }

    @Test(
        "say what the API did wrong",
        arguments: [
            (Fault.malformed(.notJSON), 65), (.status(404), 65), (.malformed(.idTwiceInPage), 65), (.status(402), 69),
            (.redirect(308, location: "http://127.0.0.1:1/"), 69), (.status(429, retryAfter: .seconds(900)), 69),
            (.status(500, shouldRetry: false), 69), (.organizationHeader("other"), 75), (.status(401), 77),
            (.status(403), 77),
        ] as [(Fault, Int32)])
    func answers(fault: Fault, status: Int32) async throws {
        try await withServer(.still(invites: 12)) { server in
            let mirror = MirrorCommand(folder: try TemporaryFolder(), baseURL: server.baseURL)
            #expect(try await mirror.run("sync").status == 0)
            let before = try await mirror.dump()
            await server.withAPI { $0.faults.standing = fault }
            let outcome = try await mirror.run("sync")
            #expect(outcome.status == status, "\(outcome.errors)")
            #expect(outcome.errors.contains("invite-mirror: ") && !outcome.isSignal)
            #expect(try await mirror.dump() == before)
            await server.withAPI { $0.faults.standing = nil }
            // Only the wish for patience outlasts the process that heard it.
            let isPaused = if case .status(429, _, _) = fault { true } else { false }
            #expect(try await mirror.run("sync").status == (isPaused ? 69 : 0))
            #expect(!(outcome.output + outcome.errors).contains(testSecret))
            #expect(try mirror.folder.bytes().range(of: Data(testSecret.utf8)) == nil)
        }
    }

    @Test("say that most of the listing is gone, until it is accepted")
    func refused() async throws {
        try await withServer(.still(invites: 12)) { server in
            let mirror = MirrorCommand(folder: try TemporaryFolder(), baseURL: server.baseURL)
            #expect(try await mirror.run("sync").status == 0)
            await server.withAPI { api in
                for invite in api.organization.newestFirst { api.organization.purge(id: invite.id) }
            }
            #expect(try await mirror.run("sync").status == 75)
            #expect(try await mirror.run("sync", "--accept-removals").status == 0)
            #expect(try await sqlite(mirror.database, "SELECT count(*) FROM invite WHERE listed = 1") == ["0"])
        }
    }

    @Test("say that there is no database", arguments: ["status", "events", "invites", "verify"])
    func noDatabase(command: String) async throws {
        let mirror = MirrorCommand(folder: try TemporaryFolder(), baseURL: "http://127.0.0.1:1")
        #expect(try await mirror.run(command).status == 66)
        #expect(try FileManager.default.contentsOfDirectory(atPath: mirror.folder.path).isEmpty)
    }

    @Test("say that the database is not to be used", arguments: ["text", "foreign", "folder", "newer"])
    func database(kind: String) async throws {
        let mirror = MirrorCommand(folder: try TemporaryFolder(), baseURL: "http://127.0.0.1:1")
        switch kind {
        case "text": _ = try mirror.folder.write(String(repeating: "no database ", count: 999), to: "mirror.db")
        case "folder":
            try FileManager.default.createDirectory(atPath: mirror.database, withIntermediateDirectories: false)
        default:
            let sql =
                kind == "newer" ? "PRAGMA application_id=0x494E5654; PRAGMA user_version=99;" : "CREATE TABLE t (a)"
            let made = try await Program([mirror.database, sql], path: "/usr/bin/sqlite3").outcome()
            #expect(made.status == 0)
        }
        let before = FileManager.default.contents(atPath: mirror.database)
        for command in ["sync", "status", "verify"] {
            let outcome = try await mirror.run(command)
            #expect(outcome.status == 74, "\(command): \(outcome.errors)")
        }
        #expect(FileManager.default.contents(atPath: mirror.database) == before)
    }

    @Test("say that another process writes, or nobody answers")
    func busy() async throws {
        try await withServer(.still(invites: 5)) { server in
            let mirror = MirrorCommand(folder: try TemporaryFolder(), baseURL: server.baseURL)
            let first = Meeting()
            await server.withAPI { $0.faults.enqueue(first.fault, .delivery(.stalled)) }
            let program = try mirror.start("sync", "--api-page-size", "1")
            await first.wait()
            let second = try await mirror.run("sync")
            #expect(second.status == 74 && second.errors.contains("another invite-mirror"))
            program.send(SIGKILL)
            _ = try await program.outcome()
        }
        let nobody = MirrorCommand(folder: try TemporaryFolder(), baseURL: "http://127.0.0.1:1")
        #expect(try await nobody.run("sync").status == 69)
    }

    @Test(
        "say that a setting is wrong, and name it",
        arguments: [
            ("--api-page-size", "0", "api.page-size"), ("--api-base-url", "http://example.com", "api.base-url"),
            ("--sync-interval-seconds", "x", "sync.interval-seconds"), ("--log-level", "loud", "log.level"),
            ("--config", "/nonexistent/file.yaml", "/nonexistent/file.yaml"), ("--database-path", "", "database.path"),
        ])
    func configuration(flag: String, value: String, named: String) async throws {
        for command in ["sync", "run"] {
            let outcome = try await Program.run(command, flag, value, environment: ["ANTHROPIC_ADMIN_KEY": testSecret])
            #expect(outcome.status == 78 && outcome.errors.contains(named), "\(outcome.errors)")
        }
    }

    @Test("say that there is no secret", arguments: ["sync", "run"])
    func noSecret(command: String) async throws {
        var mirror = MirrorCommand(folder: try TemporaryFolder(), baseURL: "http://127.0.0.1:1")
        mirror.secret = nil
        let outcome = try await mirror.run(command)
        #expect(outcome.status == 78 && outcome.errors.contains("ANTHROPIC_ADMIN_KEY"))
    }
}
