import Foundation
import GRDB
import InviteCore

/// The SQLite file, for everything that only reads. It never makes a file and never writes to one.
package struct MirrorReader: Sendable {
    package let path: String
    private let queue: DatabaseQueue

    package init(path: String) throws {
        self.path = path
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw StoreFailure.noDatabase(path)
        }
        guard !isFolder.boolValue else { throw Failure(.database, "\(path) is a folder, not a database") }
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(5)
        // An instant of the past is read from all over the log. It is filled as far as a query needs it.
        configuration.prepareDatabase { try $0.execute(sql: "PRAGMA cache_size = -32768") }
        queue = try StoreFailure.explain(path) {
            let queue = try Self.open(path, configuration)
            try queue.inDatabase { db in
                switch try Schema.kind(db, path: path) {
                case .empty: throw StoreFailure.noDatabase(path)
                case .foreign: throw StoreFailure.notOurs(path)
                case .ours(Schema.version): break
                case .ours(let version) where version > Schema.version:
                    throw StoreFailure.newer(path, version: version)
                case .ours(let version):
                    throw Failure(
                        .database,
                        "\(path) has the older schema version \(version); the next `sync` brings it up to date"
                    )
                }
            }
            return queue
        }
    }

    /// Opens the file; as one that nobody writes to, where SQLite cannot make the files that it shares with a writer.
    ///
    /// That is how a copy in a folder without write permission looks. A copy whose `-wal` has something in it is not
    /// the whole database without it, so such a one is not read past it.
    private static func open(_ path: String, _ configuration: Configuration) throws -> DatabaseQueue {
        do {
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            _ = try queue.inDatabase { try $0.integer("PRAGMA schema_version") }
            return queue
        } catch let error as DatabaseError where [.SQLITE_CANTOPEN, .SQLITE_READONLY].contains(error.resultCode) {
            let log = try? FileManager.default.attributesOfItem(atPath: path + "-wal")[.size] as? Int
            guard (log ?? 0) == 0 else {
                throw Failure(
                    .database,
                    """
                    \(path) has a \(path)-wal with changes that are not in the file yet, and this user cannot make \
                    \(path)-shm. Copy the database and its -wal to a folder that this user can write to
                    """)
            }
            let absolute = URL(fileURLWithPath: path).path
            let escaped = absolute.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed) ?? absolute
            return try DatabaseQueue(path: "file://\(escaped)?immutable=1", configuration: configuration)
        }
    }

    /// Runs `body` in one read transaction: all that it sees is of one moment.
    package func read<Result>(_ body: (Database) throws -> Result) throws -> Result {
        try StoreFailure.explain(path) {
            try queue.inDatabase { db in
                try db.beginTransaction(.deferred)
                defer { try? db.rollback() }
                return try body(db)
            }
        }
    }

    /// Copies the database, as of one moment, into an empty file.
    func vacuum(into path: String) throws {
        try StoreFailure.explain(self.path) {
            try queue.inDatabase { db in try db.run("VACUUM INTO ?1", [.text(path)]) }
        }
    }
}
