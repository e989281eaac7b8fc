import AdminAPISimulator
import Foundation
import InviteCore
import Testing

@Suite("The log lines")
struct LogTests {
    /// The lines that `run` writes until it is told to stop, its first pass being over.
    private static func lines(journal: String) async throws -> [String] {
        nonisolated(unsafe) var lines: [String] = []
        try await withServer(.still(invites: 5)) { server in
            let mirror = MirrorCommand(folder: try TemporaryFolder(), baseURL: server.baseURL)
            await server.withAPI { $0.faults.enqueue(.status(401)) }
            let program = try Program(
                ["-c", "JOURNAL_STREAM=\(journal) exec \"$0\" run --sync-interval-seconds 86400", Program.path],
                environment: mirror.environment, path: "/bin/sh")
            _ = try await program.line(with: "pass failed", inErrors: true)
            program.send(SIGUSR1)
            _ = try await program.line(with: "pass complete", inErrors: true)
            program.send(SIGTERM)
            lines = try await program.outcome().errors.split(separator: "\n").map(String.init)
        }
        return lines
    }

    @Test("begin with their priority in the journal")
    func journal() async throws {
        let lines = try await Self.lines(journal: "$(stat -L -c %d:%i /proc/self/fd/2)")
        #expect(lines.first?.hasPrefix("<6>started ") == true && lines.last == "<6>stopped")
        #expect(lines.contains { $0.hasPrefix("<2>pass failed ") && $0.contains("exit_status=77") })
        #expect(lines.allSatisfy { $0.hasPrefix("<") })
    }

    @Test("begin with time and level anywhere else", arguments: ["", "1:1", "nonsense"])
    func terminal(journal: String) async throws {
        let lines = try await Self.lines(journal: journal)
        for line in lines {
            let words = line.split(separator: " ", maxSplits: 2)
            #expect(Timestamp(rfc3339: words[0]) != nil && ["info", "critical"].contains(words[1]), "\(line)")
        }
        #expect(lines.count >= 3)
        #expect(!lines.joined().contains(testSecret) && !lines.joined().contains("@"))
    }
}
