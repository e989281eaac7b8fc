import Foundation
import GRDB

/// A copy of the mirror in one file, as of one moment, made while the service runs.
package struct Backup: Sendable {
    private let source: MirrorReader
    private let target: String

    /// What was copied.
    package struct Result: Sendable {
        package let bytes: Int
        package let invites: Int
        package let events: Int
    }

    /// - Parameter target: where the copy goes. An earlier backup there is replaced, anything else is not.
    package init(of source: MirrorReader, to target: String) {
        self.source = source
        self.target = target
    }

    /// Makes the copy under a temporary name, checks it, and gives it its name once it is on the disk.
    ///
    /// - Throws: a ``Failure``; what was at the target is as it was then.
    package func make() throws -> Result {
        try checkTarget()
        let temporary = "\(target).\(getpid()).tmp"
        unlink(temporary)
        defer {
            unlink(temporary)
            unlink(temporary + "-journal")
        }
        // The mirror holds addresses: a backup is its maker's own until the maker says otherwise.
        let descriptor = open(temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure("cannot be made", errno) }
        defer { close(descriptor) }
        try source.vacuum(into: temporary)
        let result = try Self.check(temporary)
        guard fsync(descriptor) == 0 else { throw failure("cannot be synced to the disk", errno) }
        guard rename(temporary, target) == 0 else { throw failure("cannot be given its name", errno) }
        try syncFolder()
        return result
    }

    private func checkTarget() throws {
        var (own, other) = (stat(), stat())
        guard stat(target, &other) == 0 else { return }
        if stat(source.path, &own) == 0, own.st_dev == other.st_dev, own.st_ino == other.st_ino {
            throw Failure(.usage, "\(target) is the mirror itself; nothing was done")
        }
        // An earlier backup may be of an older version; only that it is one of ours counts.
        let isOurs = try? DatabaseQueue(path: target, configuration: Self.readonly).inDatabase { db in
            if case .ours = try Schema.kind(db, path: target) { true } else { false }
        }
        guard other.st_mode & S_IFMT == S_IFREG, isOurs == true else {
            throw Failure(
                .database, "\(target) exists and is no backup of a mirror; it was left as it is. Name another file")
        }
    }

    private static var readonly: Configuration {
        var configuration = Configuration()
        configuration.readonly = true
        return configuration
    }

    private static func check(_ path: String) throws -> Result {
        try StoreFailure.explain(path) {
            try DatabaseQueue(path: path, configuration: readonly).inDatabase { db in
                let finding = try db.first("PRAGMA integrity_check(1)") { $0.text(0) ?? "" } ?? ""
                guard finding == "ok", try Schema.kind(db, path: path) == .ours(version: Schema.version) else {
                    throw Failure(
                        .database, "the copy is not sound (\(finding)), so no backup was made; check the mirror itself")
                }
                return Result(
                    bytes: MirrorFile(path: path).databaseBytes, invites: try db.integer("SELECT count(*) FROM invite"),
                    events: try db.integer("SELECT count(*) FROM invite_event"))
            }
        }
    }

    /// The new name is on the disk only when its folder is.
    private func syncFolder() throws {
        let folder = (target as NSString).deletingLastPathComponent
        let descriptor = open(folder.isEmpty ? "." : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("is there, but its folder cannot be synced", errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure("is there, but its folder cannot be synced", errno) }
    }

    private func failure(_ what: String, _ code: CInt) -> Failure {
        Failure(.database, "the backup \(target) \(what): \(String(cString: strerror(code)))")
    }
}
