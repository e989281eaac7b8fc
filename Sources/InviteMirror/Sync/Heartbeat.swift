import InviteCore
import Synchronization

/// Whether the service makes progress: each step says how long the next may take at the most.
package final class Heartbeat: Sendable {
    private let expected: Mutex<Duration>

    /// What a step may take beyond what it said: a page being compared, a commit, a slow disk.
    private static let grace = Duration.seconds(60)

    package init(now: Duration) {
        expected = Mutex(now + Self.grace)
    }

    /// Something happened, and the next thing will within `duration`.
    package func beat(now: Duration, next duration: Duration = .zero) {
        expected.withLock { $0 = now + duration + Self.grace }
    }

    package func isAlive(now: Duration) -> Bool {
        expected.withLock { now < $0 }
    }
}
