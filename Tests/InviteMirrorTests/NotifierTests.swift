import Foundation
import InviteCore
import Logging
import Synchronization
import Testing

@testable import InviteMirror

struct NotifierTests {
    /// Where a notifier sends to, and what came.
    private final class Manager {
        let folder: TemporaryFolder
        let descriptor: CInt

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

        func next() -> String { Self.next(descriptor) }

        static func next(_ descriptor: CInt) -> String {
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

    /// Time that passes only where somebody waits, and what the service manager was told by then.
    private final class Time: Sendable {
        private let state = Mutex((now: Duration.zero, signs: [Duration]()))

        var now: Duration { state.withLock { $0.now } }
        var signs: [Duration] { state.withLock { $0.signs } }

        func pass(_ duration: Duration, hearing descriptor: CInt) {
            state.withLock { state in
                if Manager.next(descriptor) == "WATCHDOG=1" { state.signs.append(state.now) }
                state.now += duration
            }
        }
    }

    @Test func aStuckPassGetsTheServiceNoSignsOfLife() async throws {
        let manager = try Manager()
        let (time, descriptor) = (Time(), manager.descriptor)
        let notifier = ServiceNotifier(environment: ["NOTIFY_SOCKET": manager.path, "WATCHDOG_USEC": "30000000"])
        let clock = MirrorClock(
            now: { Timestamp(microseconds: 0) }, uptime: { time.now },
            sleep: { duration in
                try Task.checkCancellation()
                time.pass(duration, hearing: descriptor)
                await Task.yield()
            })
        let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let plan = SyncService<Int>.Plan(0, interval: .seconds(300), logger: quiet)
        let service = SyncService(
            plan: plan, clock: clock, notifier: notifier, heartbeat: Heartbeat(now: .zero),
            wakeups: AsyncStream.makeStream(), reload: { plan },
            perform: { _ in
                // Stuck until the test is over, whatever time it is.
                try await Task.sleep(for: .seconds(3600))
                throw CancellationError()
            })
        let running = Task { try await service.run() }
        while time.now < .seconds(3600) { await Task.yield() }
        running.cancel()
        try await running.value
        // Alive at first; then silent for so long that any watchdog fires.
        #expect(time.signs.count > 1)
        #expect(time.signs.allSatisfy { $0 < .seconds(120) })
    }
}
