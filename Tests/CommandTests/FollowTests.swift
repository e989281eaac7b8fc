import AdminAPISimulator
import Foundation
import Testing

@Suite("invite-mirror events --follow", .timeLimit(.minutes(2)))
struct FollowTests {
    private struct Line: Decodable {
        let seq: Int
    }

    private static func seqs(_ output: String) throws -> [Int] {
        try output.split(separator: "\n").map { try JSONDecoder().decode(Line.self, from: Data($0.utf8)).seq }
    }

    @Test("prints each event once as it is committed, and goes on after the seq that it is told", arguments: [1, 40])
    func follows(invites: Int) async throws {
        try await withServer(.still(invites: invites)) { server in
            let mirror = MirrorCommand(folder: try TemporaryFolder(), baseURL: server.baseURL)
            #expect(try await mirror.run("sync").status == 0)
            var seen: [Int] = []
            // Each follower ends amid the passes, by what ends it in earnest, and the next goes on where it was.
            for signal in [SIGTERM, SIGKILL, SIGINT] {
                let follower = try mirror.start("events", "--follow", "--after", "\(seen.last ?? 0)")
                for round in 0..<3 {
                    await server.withAPI { _ = $0.organization.create(email: "new.\(round)@example.com", role: "user") }
                    #expect(try await mirror.run("sync").status == 0)
                }
                let newest = try await sqlite(mirror.database, "SELECT max(seq) FROM invite_event").first ?? ""
                _ = try await follower.line(with: "\"seq\":\(newest),")
                follower.send(signal)
                let outcome = try await follower.outcome()
                #expect(outcome.isSignal == (signal == SIGKILL) && (signal == SIGKILL || outcome.status == 0))
                seen += try Self.seqs(outcome.output)
            }
            #expect(seen == Array(1...(invites + 9)))
        }
    }

    @Test("tells when the log was set back, and prints nothing of it")
    func setBack() async throws {
        try await withServer(.still(invites: 5)) { server in
            let mirror = MirrorCommand(folder: try TemporaryFolder(), baseURL: server.baseURL)
            #expect(try await mirror.run("sync").status == 0)
            let outcome = try await mirror.run("events", "--follow", "--after", "99")
            #expect(outcome.status == 74 && outcome.output.isEmpty && outcome.errors.contains("set back"))
        }
    }
}
