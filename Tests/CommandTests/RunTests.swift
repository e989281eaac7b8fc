import AdminAPISimulator
import Foundation
import Testing

@Suite("invite-mirror run")
struct RunTests {
    @Test(
        "ends with 0 whatever it is doing", arguments: [SIGTERM, SIGINT],
        [
            SimulatedAnswer.Delivery.slow(.seconds(60)), .stalled,
        ])
    func stops(signal: Int32, delivery: SimulatedAnswer.Delivery) async throws {
        try await withServer(.still(invites: 50)) { server in
            let mirror = MirrorCommand(folder: try TemporaryFolder(), baseURL: server.baseURL)
            let second = Meeting()
            await server.withAPI { $0.faults.enqueue(.none, second.fault, .delivery(delivery)) }
            let program = try mirror.start("run", "--api-page-size", "10", "--log-level", "trace")
            await second.wait()
            program.send(signal)
            let outcome = try await program.outcome()
            #expect(outcome.status == 0 && !outcome.isSignal, "\(outcome.errors)")
            #expect(
                try await sqlite(mirror.database, "SELECT outcome, pages IN (1, 2) FROM sync_pass") == ["incomplete|1"])
            #expect(try await sqlite(mirror.database, "SELECT count(*) FROM invite") == ["0"])
            #expect(!(outcome.output + outcome.errors).contains(testSecret))
            #expect(try mirror.folder.bytes().range(of: Data(testSecret.utf8)) == nil)
        }
    }

    @Test("ends with 0 while it waits for the database at its start", arguments: [SIGTERM, SIGINT])
    func stopsAtTheStart(signal: Int32) async throws {
        try await withServer(.still(invites: 5)) { server in
            let mirror = MirrorCommand(folder: try TemporaryFolder(), baseURL: server.baseURL)
            #expect(try await mirror.run("sync").status == 0)
            // It holds the lock until its commands end.
            let commands = mirror.folder.file("commands")
            #expect(mkfifo(commands, 0o600) == 0)
            let other = try Program(["-c", "exec sqlite3 \(mirror.database) < \(commands)"], path: "/bin/sh")
            let input = try await Task.blocking { try FileHandle(forWritingTo: URL(fileURLWithPath: commands)) }
            try input.write(contentsOf: Data("BEGIN IMMEDIATE; SELECT 'locked';\n".utf8))
            _ = try await other.line(with: "locked")
            let program = try mirror.start("run")
            while try !Self.has(signal, in: "SigCgt:", program) { await Task.yield() }
            program.send(signal)
            let outcome = try await program.outcome()
            #expect(outcome.status == 0 && !outcome.isSignal, "\(outcome.errors)")
            #expect(try await sqlite(mirror.database, "SELECT outcome FROM sync_pass") == ["complete"])
            try input.close()
            _ = try await other.outcome()
        }
    }

    /// Whether a signal is one of those in a mask of the process (`/proc/PID/status`, proc(5)).
    private static func has(_ signal: Int32, in mask: String, _ program: Program) throws -> Bool {
        let status = try String(contentsOfFile: "/proc/\(program.identifier)/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix(mask) })
        let bits = try #require(UInt64(line.split(separator: "\t")[1], radix: 16))
        return bits >> UInt64(signal - 1) & 1 == 1
    }

    @Test("is not ended by an API that refuses, and runs a pass when it is told to", arguments: [401, 403, 500, 404])
    func goesOn(status: Int) async throws {
        try await withServer(.still(invites: 5)) { server in
            let mirror = MirrorCommand(folder: try TemporaryFolder(), baseURL: server.baseURL)
            await server.withAPI { $0.faults.enqueue(.status(status, shouldRetry: false)) }
            let program = try mirror.start("run", "--sync-interval-seconds", "86400")
            _ = try await program.line(with: "pass failed", inErrors: true)
            program.send(SIGUSR1)
            _ = try await program.line(with: "pass complete", inErrors: true)
            program.send(SIGTERM)
            let outcome = try await program.outcome()
            #expect(outcome.status == 0, "\(outcome.errors)")
            let passes = try await sqlite(mirror.database, "SELECT outcome FROM sync_pass ORDER BY id")
            #expect(passes == ["incomplete", "complete"])
        }
    }

    @Test("runs one pass more, however often it is told to while one runs")
    func merged() async throws {
        try await withServer(.still(invites: 50)) { server in
            let mirror = MirrorCommand(folder: try TemporaryFolder(), baseURL: server.baseURL)
            let program = try await server.withAPI { api in
                // Nothing is answered before this has ended.
                let program = try mirror.start("run", "--api-page-size", "10", "--sync-interval-seconds", "86400")
                // In the middle of the pass, which goes on when this has ended.
                api.faults.enqueue(
                    .none,
                    .mutation { _ in
                        for _ in 0..<50 {
                            program.send(SIGUSR1)
                            // Those that wait for the process together are one for the kernel already.
                            while (try? Self.has(SIGUSR1, in: "ShdPnd:", program)) == true {}
                        }
                    })
                return program
            }
            _ = try await program.line(with: "pass_id=2 requests", inErrors: true)
            program.send(SIGHUP)
            _ = try await program.line(with: "settings read again", inErrors: true)
            program.send(SIGTERM)
            #expect(try await program.outcome().status == 0)
            #expect(try await sqlite(mirror.database, "SELECT count(*) FROM sync_pass") == ["2"])
        }
    }

    @Test("is woken by nothing before the next pass is due")
    func idle() async throws {
        try await withServer(.still(invites: 5)) { server in
            let mirror = MirrorCommand(folder: try TemporaryFolder(), baseURL: server.baseURL)
            #expect(try await mirror.run("sync").status == 0)
            let program = try mirror.start("run", "--sync-interval-seconds", "600", "--api-page-size", "2")
            for number in 2...3 {
                _ = try await program.line(with: "pass_id=\(number) requests", inErrors: true)
                // A pass has timers of its own, to its very end: looked at until they are gone, for ten seconds.
                var timers = try Self.timers(of: program)
                for _ in 0..<500 where timers.isEmpty || timers.contains(where: { $0 < 500 }) {
                    try await Task.sleep(for: .milliseconds(20))
                    timers = try Self.timers(of: program)
                }
                #expect(!timers.isEmpty && timers.allSatisfy { $0 >= 500 }, "seconds until it is woken: \(timers)")
                program.send(SIGUSR1)
            }
            program.send(SIGTERM)
            #expect(try await program.outcome().status == 0)
        }
    }

    /// In how many seconds each timer of the process runs out (`/proc/PID/fdinfo`, proc(5)).
    private static func timers(of program: Program) throws -> [Int] {
        let folder = "/proc/\(program.identifier)/fdinfo"
        return try FileManager.default.contentsOfDirectory(atPath: folder).compactMap { descriptor in
            // A descriptor may be closed meanwhile.
            guard let info = try? String(contentsOfFile: "\(folder)/\(descriptor)", encoding: .utf8) else { return nil }
            let value = info.split(separator: "\n").first { $0.hasPrefix("it_value: (") }
            let numbers = value?.split { !$0.isNumber }.compactMap { Int($0) } ?? []
            // Zero is a timer that is not set.
            return numbers.contains { $0 > 0 } ? numbers.first : nil
        }
    }
}
