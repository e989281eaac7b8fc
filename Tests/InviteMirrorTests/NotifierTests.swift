import Foundation
import InviteCore
import Testing

@testable import InviteMirror

struct NotifierTests {
    /// Where a notifier sends to, and what came.
    private final class Manager {
        let folder: TemporaryFolder
        private let descriptor: CInt

        var path: String { folder.path + "/notify" }

        init() throws {
            folder = try TemporaryFolder()
            descriptor = socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue), 0)
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
            let result = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
            try #require(result == 0)
        }

        func next() -> String {
            var buffer = [UInt8](repeating: 0, count: 4096)
            let count = recv(descriptor, &buffer, buffer.count, CInt(MSG_DONTWAIT))
            return count < 0 ? "nothing" : String(decoding: buffer.prefix(count), as: UTF8.self)
        }

        deinit { close(descriptor) }
    }

    @Test func theServiceManagerIsToldInItsWords() throws {
        let manager = try Manager()
        let notifier = ServiceNotifier(environment: ["NOTIFY_SOCKET": manager.path])
        notifier.ready("first pass")
        #expect(manager.next() == "READY=1\nSTATUS=first pass")
        notifier.status("a\nREADY=1")
        #expect(manager.next() == "STATUS=a READY=1")
        #expect(notifier.board.text == "a\nREADY=1")
        notifier.extendTimeout(.seconds(3))
        #expect(manager.next() == "EXTEND_TIMEOUT_USEC=3000000")
        notifier.reloading()
        let reloading = manager.next().split(separator: "\n")
        #expect(reloading.first == "RELOADING=1")
        #expect(reloading.last?.hasPrefix("MONOTONIC_USEC=") == true)
        notifier.stopping()
        #expect(manager.next() == "STOPPING=1\nSTATUS=stopping")
        #expect(manager.next() == "nothing")
    }

    @Test func withoutAManagerNothingIsSent() {
        ServiceNotifier(environment: [:]).ready("first pass")
        ServiceNotifier(environment: ["NOTIFY_SOCKET": "/nowhere/at/all"]).ready("first pass")
    }

    @Test(arguments: [
        (["WATCHDOG_USEC": "4000000"], Duration.seconds(4)), ([:], nil), (["WATCHDOG_USEC": "x"], nil),
        (["WATCHDOG_USEC": "4000000", "WATCHDOG_PID": "1"], nil),
    ])
    func theWatchdogIsOurs(environment: [String: String], interval: Duration?) {
        #expect(ServiceNotifier(environment: environment).watchdogInterval == interval)
    }

    @Test func aLongPassThatMovesIsAliveAndAStuckOneIsNot() {
        let heartbeat = Heartbeat(now: .zero)
        for second in stride(from: 0, to: 36_000, by: 50) {
            #expect(heartbeat.isAlive(now: .seconds(second)))
            heartbeat.beat(now: .seconds(second))
        }
        // A wait that was announced counts from there.
        heartbeat.beat(now: .seconds(36_000), next: .seconds(300))
        #expect(heartbeat.isAlive(now: .seconds(36_299)))
        #expect(!heartbeat.isAlive(now: .seconds(36_361)))
    }
}
