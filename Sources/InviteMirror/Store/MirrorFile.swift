import Foundation

/// The database as files on a disk: how large they are, and how much more there can be.
package struct MirrorFile: Sendable {
    package let path: String

    package init(path: String) {
        self.path = path
    }

    package var databaseBytes: Int { Self.size(path) }
    package var walBytes: Int { Self.size(path + "-wal") }

    /// What this user may still write where the database is; nil if that cannot be told.
    package var freeBytes: Int? {
        var status = statvfs()
        let folder = (path as NSString).deletingLastPathComponent
        guard statvfs(folder.isEmpty ? "." : folder, &status) == 0 else { return nil }
        return Int(clamping: status.f_bavail) * Int(clamping: status.f_frsize)
    }

    /// A sentence if there may be too little space for a pass.
    ///
    /// It is a warning and no reason to leave the pass out: most passes write a few kilobytes, and one that finds the
    /// disk full rolls back whole. Not trying would make the mirror stale for certain.
    package var spaceWarning: String? {
        Self.spaceWarning(free: freeBytes, database: databaseBytes, path: path)
    }

    /// A pass that changes everything writes about the database's size to the write-ahead log; one that changes a
    /// tenth of it is a rare one already.
    static func spaceWarning(free: Int?, database: Int, path: String) -> String? {
        let wanted = 64 * mebibyte + database / 10
        guard let free, free < wanted else { return nil }
        return """
            only \(free / mebibyte) MiB are free where \(path) is, and a pass may need \(wanted / mebibyte) MiB. It is \
            tried all the same, since it changes all or nothing; free some space before it fails
            """
    }

    private static let mebibyte = 1024 * 1024

    private static func size(_ path: String) -> Int {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : 0
    }
}
