import Foundation

/// Writes files so that whoever reads one sees all of it, or the one before.
package enum AtomicFile {
    /// Replaces the file at `path`. Its mode is `mode`, whatever the umask.
    ///
    /// It is not synced to the disk: after a power cut the old one or an empty one may be there.
    ///
    /// - Throws: a ``Failure`` that names the file and the reason; the old file is as it was then.
    package static func write(_ text: String, to path: String, mode: mode_t) throws {
        // Beside the file, since a rename does not cross file systems; under a name that no collector takes in.
        let temporary = "\(path).\(getpid()).tmp"
        unlink(temporary)
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw failure(path, errno) }
        var reason: CInt = 0
        if fchmod(descriptor, mode) != 0 { reason = errno }
        var rest = Array(text.utf8)[...]
        while reason == 0 && !rest.isEmpty {
            let count = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 { rest = rest.dropFirst(count) } else if errno != EINTR { reason = errno }
        }
        if close(descriptor) != 0 && reason == 0 { reason = errno }
        if reason == 0 && rename(temporary, path) != 0 { reason = errno }
        guard reason == 0 else {
            unlink(temporary)
            throw failure(path, reason)
        }
    }

    private static func failure(_ path: String, _ code: CInt) -> Failure {
        Failure(.internalError, "\(path) cannot be written: \(String(cString: strerror(code))); it stays as it was")
    }
}
