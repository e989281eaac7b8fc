import AdminAPISimulator
import Foundation
import InviteCore
import Testing

@Suite("invite-mirror sync, told to stop")
struct SignalTests {
    @Test("does not say that it is done", arguments: [SIGTERM, SIGINT])
    func stopped(signal: Int32) async throws {
        try await withServer(.still(invites: 5)) { server in
            let mirror = MirrorCommand(folder: try TemporaryFolder(), baseURL: server.baseURL)
            let first = Meeting()
            await server.withAPI { $0.faults.enqueue(first.fault, .delivery(.stalled)) }
            let program = try mirror.start("sync", "--api-page-size", "1")
            await first.wait()
            program.send(signal)
            let outcome = try await program.outcome()
            #expect(outcome.isSignal && outcome.status == signal)
        }
    }
}
