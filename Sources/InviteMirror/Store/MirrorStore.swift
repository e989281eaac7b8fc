import Foundation
import GRDB
import GRDBSQLite
import InviteCore

/// The SQLite file, for the one process that writes it. Whoever has one holds the lock, and the schema is current.
package final class MirrorStore: Sendable {
    package let path: String
    private let lock: WriterLock
    private let queue: DatabaseQueue
    /// What signs the checkpoints of the log.
    package let signer: LogSigner

    /// A write-ahead log that has grown larger is cut back to this, in bytes.
    private static let walSizeLimit = 16 * 1024 * 1024
    /// A log that is smaller is left as it is after a pass: it is written over from its start.
    private static let walTarget = 4 * 1024 * 1024
    /// How long another connection's lock is waited for. A service that is told to stop has five seconds.
    private static let busyMilliseconds: CInt = 4000
    /// Bytes. Twice SQLite's own: a pass reads and writes long runs of rows.
    private static let pageSize = 8192

    /// Opens the file; makes it, and the folder it is in, if there is none.
    ///
    /// Rows that a crash left `running` are `incomplete` after it. The key that signs the log comes from the credential
    /// `log-signing-key` that `environment` leads to, else from a file beside the database, which is made for a log
    /// that nothing has signed yet.
    ///
    /// - Parameter renewsKey: has the log go on with another key, which is made if need be.
    /// - Throws: a ``Failure``; also if the key that signed the log is lost or another one.
    package init(path: String, environment: [String: String] = [:], renewsKey: Bool = false) throws {
        let folder = (path as NSString).deletingLastPathComponent
        if !folder.isEmpty, !FileManager.default.fileExists(atPath: folder) {
            do {
                try FileManager.default.createDirectory(
                    atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o750])
            } catch {
                throw Failure(.database, "the folder \(folder) cannot be made: \(error.localizedDescription)")
            }
        }
        let path = try Self.realPath(path)
        lock = try WriterLock(database: path)
        try Self.createFile(path)
        self.path = path
        let queue = try StoreFailure.explain(path) {
            // The file is looked at before anything of it is changed, the journal mode included.
            let queue = try DatabaseQueue(path: path, configuration: Self.configuration)
            try queue.inDatabase { db in
                switch try Schema.kind(db, path: path) {
                case .foreign: throw StoreFailure.notOurs(path)
                case .ours(let version) where version > Schema.version:
                    throw StoreFailure.newer(path, version: version)
                default: break
                }
                try Self.prepare(db)
                try Schema.migrate(db, path: path)
                // For every row SQLite builds a table in memory of each longer list of values that a column may have.
                // This program writes nothing else there; the lists are for whoever else may write.
                try db.run("PRAGMA ignore_check_constraints = 1")
                try LogTree.checkSize(db, path: path)
                try db.run("UPDATE sync_pass SET outcome = 'incomplete' WHERE outcome = 'running'")
            }
            return queue
        }
        self.queue = queue
        signer = try StoreFailure.explain(path) {
            try queue.inDatabase { db in
                if renewsKey { return try LogKeyRenewal(database: path, environment: environment).renew(db) }
                return try LogKeyFile.signer(
                    database: path, environment: environment, expected: try LogKeys.current(db))
            }
        }
    }

    private static var configuration: Configuration {
        var configuration = Configuration()
        configuration.busyMode = .timeout(Double(busyMilliseconds) / 1000)
        configuration.foreignKeysEnabled = false
        // A pass is one transaction, and it lasts as long as the API takes to list.
        configuration.allowsUnsafeTransactions = true
        return configuration
    }

    private static func prepare(_ db: Database) throws {
        // Of a file that is still empty; any other keeps the one it has.
        try db.run("PRAGMA page_size = \(pageSize)")
        try db.run("PRAGMA journal_mode = WAL")
        try db.run("PRAGMA synchronous = FULL")
        try db.run("PRAGMA journal_size_limit = \(walSizeLimit)")
        // The -wal and -shm files stay behind a clean stop: a reader without write permission needs them.
        var persist: CInt = 1
        sqlite3_file_control(db.sqliteConnection, nil, SQLITE_FCNTL_PERSIST_WAL, &persist)
    }

    /// The one name of a file, whatever links lead to it: there is one lock for a file.
    private static func realPath(_ path: String) throws -> String {
        let real = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        var status = stat()
        if stat(real, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_nlink > 1 {
            throw Failure(
                .database,
                "\(path) has a second name (a hard link): another writer would not be seen; nothing was done"
            )
        }
        return real
    }

    /// The mode is set explicitly, so that the umask of a service does not shut its readers out.
    private static func createFile(_ path: String) throws {
        let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o640)
        if descriptor < 0 {
            guard errno == EEXIST else { throw StoreFailure.cannotOpen(path, errno) }
            return
        }
        fchmod(descriptor, 0o640)
        Foundation.close(descriptor)
    }

    /// Runs `body` on the database, one caller at a time.
    package func access<Result>(_ body: (Database) throws -> Result) throws -> Result {
        try StoreFailure.explain(path) { try queue.inDatabase(body) }
    }

    // MARK: What is remembered between passes

    /// The instant before which the API is not to be asked, if it lies in the future.
    package func pause(now: Timestamp) throws -> Timestamp? {
        try access { db in
            try db.first("SELECT until FROM api_pause") { $0.instant(0) }.flatMap { $0 }.flatMap { $0 > now ? $0 : nil }
        }
    }

    /// The organisation that the mirror holds, as far as a complete pass was told.
    package func organizationID() throws -> String? {
        try access { db in
            try db.first(
                """
                SELECT organization_id FROM sync_pass WHERE outcome = 'complete' AND organization_id IS NOT NULL \
                ORDER BY id DESC LIMIT 1
                """
            ) { $0.text(0) }.flatMap { $0 }
        }
    }

    /// How many invites are mirrored as listed.
    func listedCount() throws -> Int {
        try access { db in try db.integer("SELECT count(*) FROM invite WHERE listed = 1") }
    }

    package func remember(pauseUntil instant: Timestamp) throws {
        try access { db in
            try db.run(
                "INSERT INTO api_pause VALUES (1, ?1) ON CONFLICT (id) DO UPDATE SET until = excluded.until",
                [.text(instant.description)])
        }
    }

    /// Moves what the write-ahead log holds into the file, as far as no reader needs it; a log that has grown is cut
    /// to nothing if nobody reads it at the moment.
    package func checkpoint() throws {
        try access { db in
            let isDone = try db.first("PRAGMA wal_checkpoint(PASSIVE)") { $0.integer(1) == $0.integer(2) } ?? false
            guard isDone, MirrorFile(path: path).walBytes > Self.walTarget else { return }
            // Without waiting for readers: the next pass tries again, and the pages are in the file already.
            sqlite3_busy_timeout(db.sqliteConnection, 0)
            defer { sqlite3_busy_timeout(db.sqliteConnection, Self.busyMilliseconds) }
            try? db.run("PRAGMA wal_checkpoint(TRUNCATE)")
        }
    }

    /// A sentence if the write-ahead log grows because a reader keeps a snapshot open.
    package var walWarning: String? {
        let bytes = MirrorFile(path: path).walBytes
        guard bytes > 4 * Self.walSizeLimit else { return nil }
        return """
            the write-ahead log has \(bytes / 1024 / 1024) MiB: a reader keeps an old snapshot open, and the log \
            cannot be cut before it ends its transaction (`fuser \(path)` names the readers)
            """
    }

    /// Closes the file, which moves the write-ahead log into it and leaves an empty one for the readers. Nothing can
    /// be done with the store after it.
    package func close() throws {
        try StoreFailure.explain(path) { try queue.close() }
    }
}
