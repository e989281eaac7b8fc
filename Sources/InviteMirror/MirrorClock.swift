import Foundation
import InviteCore
import NIOCore
import NIOPosix

/// What time it is, as a dependency: the real one is put together in one place, tests and the demo bring their own.
package struct MirrorClock: Sendable {
    /// The instant that responses and passes are dated with.
    package let now: @Sendable () -> Timestamp
    /// Time that only ever grows, whoever sets the clock: for deadlines, budgets and the schedule. That of the system
    /// since it was started, without the time that it was suspended (CLOCK_MONOTONIC).
    package let uptime: @Sendable () -> Duration
    /// Waits, on the uptime; throws `CancellationError` when the task is cancelled.
    package let sleep: @Sendable (Duration) async throws -> Void

    package init(
        now: @escaping @Sendable () -> Timestamp, uptime: @escaping @Sendable () -> Duration,
        sleep: @escaping @Sendable (Duration) async throws -> Void
    ) {
        self.now = now
        self.uptime = uptime
        self.sleep = sleep
    }

    package static let system = MirrorClock(
        now: {
            var time = timespec()
            clock_gettime(CLOCK_REALTIME, &time)
            return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
        },
        uptime: { .nanoseconds(NIODeadline.now().uptimeNanoseconds) },
        sleep: { duration in
            // Of the same clock as the uptime, and without Swift's own executor.
            let loop = MultiThreadedEventLoopGroup.singleton.any()
            // Never too short: the microsecond is what was rounded off.
            let due = NIODeadline.now() + .microseconds(duration.wholeMicroseconds) + .microseconds(1)
            let end = loop.scheduleTask(deadline: due) {}
            try await withTaskCancellationHandler {
                do { try await end.futureResult.get() } catch { throw CancellationError() }
            } onCancel: {
                end.cancel()
            }
        })
}
