import Foundation

/// The lock file beside the database: exactly one process writes. It is held by the process, so a crash gives it back.
final class WriterLock: Sendable {
    private let descriptor: CInt

    /// - Throws: a ``Failure`` if another process holds it.
    init(database path: String) throws {
        let lockPath = path + ".lock"
        // For the writer alone: whoever may read the file could hold its lock.
        let descriptor = open(lockPath, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw StoreFailure.cannotOpen(lockPath, errno) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let reason = errno
            close(descriptor)
            guard reason == EWOULDBLOCK else { throw StoreFailure.cannotOpen(lockPath, reason) }
            throw Failure(
                .database,
                """
                another invite-mirror writes to \(path) (it holds \(lockPath)); nothing was done. If it is the \
                service, `kill -USR1` makes it run a pass now
                """)
        }
        self.descriptor = descriptor
    }

    deinit {
        // The file stays: removing it would let two processes lock two files of the same name.
        close(descriptor)
    }
}
