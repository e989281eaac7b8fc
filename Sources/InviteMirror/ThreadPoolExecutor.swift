import NIOCore
import NIOPosix

/// Runs tasks on NIO's threads for work that may block, as a pass in SQLite is.
///
/// Swift's own executor on Linux is libdispatch's: from the first task on, a timer of it wakes the process every second
/// to see whether its workers are blocked. A service that waits for its next pass should wait.
package final class ThreadPoolExecutor: TaskExecutor {
    package static let shared = ThreadPoolExecutor()

    private let pool: NIOThreadPool

    /// One for the pass, one for the page that is read meanwhile, and others for what must go on beside them: signals,
    /// signs of life, metrics.
    private static let threads = 4
    /// For timers and the metrics' listener, however many cores there are.
    private static let eventLoops = 2

    private init() {
        NIOSingletons.blockingPoolThreadCountSuggestion = Self.threads
        NIOSingletons.groupLoopCountSuggestion = Self.eventLoops
        pool = .singleton
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        pool.submit { [self] _ in job.runSynchronously(on: asUnownedTaskExecutor()) }
    }
}
