import Foundation
import InviteCore
import Logging
import ServiceLifecycle
import Synchronization
import Testing

@testable import InviteMirror

/// A clock that stands still until a test moves it; whoever waits is told of.
final class FakeClock: Sendable {
    private struct State {
        var uptime = Duration.zero
        var sleepers: [Int: (until: Duration, continuation: CheckedContinuation<Void, any Error>)] = [:]
        var next = 0
    }
    private let state = Mutex(State())
    /// The uptimes that somebody begins to wait for.
    let waits = AsyncStream.makeStream(of: Duration.self)

    var uptime: Duration { state.withLock { $0.uptime } }

    var clock: MirrorClock {
        MirrorClock(now: { testNow + self.uptime }, uptime: { self.uptime }, sleep: { try await self.sleep($0) })
    }

    func move(to uptime: Duration) {
        let due = state.withLock { state in
            state.uptime = max(uptime, state.uptime)
            let due = state.sleepers.filter { $0.value.until <= state.uptime }
            for id in due.keys { state.sleepers[id] = nil }
            return due.values.map(\.continuation)
        }
        for continuation in due { continuation.resume() }
    }

    private func sleep(_ duration: Duration) async throws {
        let id = state.withLock { state in
            state.next += 1
            return state.next
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let until: Duration? = state.withLock { state in
                    guard !Task.isCancelled, duration > .zero else { return nil }
                    state.sleepers[id] = (state.uptime + duration, continuation)
                    return state.uptime + duration
                }
                if let until {
                    waits.continuation.yield(until)
                } else {
                    continuation.resume(with: Task.isCancelled ? .failure(CancellationError()) : .success(()))
                }
            }
        } onCancel: {
            state.withLock { $0.sleepers.removeValue(forKey: id) }?.continuation.resume(throwing: CancellationError())
        }
    }
}

@Suite("The service")
struct SyncServiceTests {
    typealias Service = SyncService<String>

    /// A service under way, and what a test sees of it.
    final class Run: Sendable {
        let clock = FakeClock()
        let wakeups = AsyncStream.makeStream(of: Service.Wakeup.self)
        /// Each pass: its configuration and the uptime at which it began.
        let passes = AsyncStream.makeStream(of: (String, Duration).self)
        let reloads = Mutex(["settings read again"])
        /// What a pass does, by its configuration.
        let perform: @Sendable (FakeClock) async throws -> Failure?

        init(perform: @escaping @Sendable (FakeClock) async throws -> Failure? = { _ in nil }) {
            self.perform = perform
        }

        static func plan(_ name: String) -> Service.Plan {
            .init(name, interval: .seconds(60), logger: Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() })
        }

        private var service: Service {
            SyncService(
                plan: Self.plan("first"), clock: clock.clock, notifier: ServiceNotifier(environment: [:]),
                heartbeat: Heartbeat(now: .zero), wakeups: wakeups, random: { 0 },
                reload: {
                    guard let name = self.reloads.withLock({ $0.popLast() }) else {
                        throw Failure(.configuration, "no")
                    }
                    return Self.plan(name)
                },
                perform: { name in
                    self.passes.continuation.yield((name, self.clock.uptime))
                    let failure = try await self.perform(self.clock)
                    let record = PassRecord(id: 1, scope: .full, startedAt: testNow)
                    return PassResult(record: record, failure: failure, unknownNames: [])
                })
        }

        /// Runs the service while the body looks on, and shuts it down then.
        func run(_ body: (Run) async throws -> Void) async throws {
            let logger = Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }
            let group = ServiceGroup(configuration: .init(services: [.init(service: service)], logger: logger))
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try? await group.run() }
                try await body(self)
                await group.triggerGracefulShutdown()
                try await tasks.waitForAll()
            }
        }
    }

    @Test("runs a pass at the start and at every planned instant")
    func ticks() async throws {
        try await Run().run { run in
            var waits = run.clock.waits.stream.makeAsyncIterator()
            var passes = run.passes.stream.makeAsyncIterator()
            for number in 0..<5 {
                #expect(await passes.next()?.1 == .seconds(60 * number))
                let due = try #require(await waits.next())
                #expect(due == .seconds(60 * (number + 1)))
                run.clock.move(to: due)
            }
        }
    }

    @Test("runs what is late once, and returns to its instants")
    func late() async throws {
        let run = Run { clock in
            clock.move(to: clock.uptime + .seconds(150))
            return nil
        }
        try await run.run { run in
            var waits = run.clock.waits.stream.makeAsyncIterator()
            var passes = run.passes.stream.makeAsyncIterator()
            for start in [0, 180, 360] {
                #expect(await passes.next()?.1 == .seconds(start))
                let due = try #require(await waits.next())
                #expect(due == .seconds(start + 180))
                run.clock.move(to: due)
            }
        }
    }

    @Test("slows down while an operator is needed", arguments: [InviteMirror.ExitStatus.credential, .refused])
    func trouble(status: InviteMirror.ExitStatus) async throws {
        try await Run { _ in Failure(status, "an operator must look") }.run { run in
            var waits = run.clock.waits.stream.makeAsyncIterator()
            var passes = run.passes.stream.makeAsyncIterator()
            var planned = 0
            for factor in [2, 4, 8, 16, 16] {
                #expect(await passes.next()?.1 == .seconds(planned))
                planned += 60 * factor
                let due = try #require(await waits.next())
                #expect(due == .seconds(planned))
                run.clock.move(to: due)
            }
        }
    }

    @Test("keeps its pace when a pass fails by itself", arguments: [true, false])
    func failures(isThrown: Bool) async throws {
        let run = Run { _ in
            let failure = Failure(.unavailable, "the API is away")
            if isThrown { throw failure }
            return failure
        }
        try await run.run { run in
            var waits = run.clock.waits.stream.makeAsyncIterator()
            for number in 1...3 {
                let due = try #require(await waits.next())
                #expect(due == .seconds(60 * number))
                run.clock.move(to: due)
            }
        }
    }

    @Test("runs a pass when it is told to, and its planned instants stay")
    func wakeups() async throws {
        try await Run().run { run in
            var waits = run.clock.waits.stream.makeAsyncIterator()
            var passes = run.passes.stream.makeAsyncIterator()
            _ = await passes.next()
            #expect(await waits.next() == .seconds(60))
            run.clock.move(to: .seconds(10))
            run.wakeups.continuation.yield(.pass)
            #expect(await passes.next()?.1 == .seconds(10))
            #expect(await waits.next() == .seconds(60))
            run.clock.move(to: .seconds(60))
            #expect(await passes.next()?.1 == .seconds(60))
        }
    }

    @Test("reads its settings again, and keeps the old ones when the new ones are wrong")
    func reload() async throws {
        try await Run().run { run in
            var waits = run.clock.waits.stream.makeAsyncIterator()
            var passes = run.passes.stream.makeAsyncIterator()
            #expect(await passes.next()?.0 == "first")
            _ = await waits.next()
            for _ in 0..<2 {
                run.wakeups.continuation.yield(.reload)
                #expect(await waits.next() == .seconds(60))
                run.wakeups.continuation.yield(.pass)
                #expect(await passes.next()?.0 == "settings read again")
                _ = await waits.next()
            }
        }
    }

    @Test("ends in the middle of a pass")
    func shutdown() async throws {
        let cancelled = Mutex(false)
        let run = Run { clock in
            do {
                try await clock.clock.sleep(.seconds(86400))
            } catch {
                cancelled.withLock { $0 = error is CancellationError }
                throw error
            }
            return nil
        }
        try await run.run { run in
            var passes = run.passes.stream.makeAsyncIterator()
            _ = await passes.next()
        }
        #expect(cancelled.withLock { $0 })
    }
}
