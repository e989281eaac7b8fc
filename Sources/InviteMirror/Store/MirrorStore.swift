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

    /// Opens the file; makes it, and the folder it is in, if there is none.
    ///
    /// Rows that a crash left `running` are `incomplete` after it. The key that signs the log comes from the credential
    /// `log-signing-key` that `environment` leads to, else from a file beside the database, which is made if need be.
    package init(path: String, environment: [String: String] = [:]) throws {
        self.path = path
        let folder = (path as NSString).deletingLastPathComponent
        if !folder.isEmpty, !FileManager.default.fileExists(atPath: folder) {
            do {
                try FileManager.default.createDirectory(
                    atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o750])
            } catch {
                throw Failure(.database, "the folder \(folder) cannot be made: \(error.localizedDescription)")
            }
        }
        lock = try WriterLock(database: path)
        try Self.createFile(path)
        let path = path
        let queue = try StoreFailure.explain(path) {
            // The file is looked at before anything of it is changed, the journal mode included.
            let queue = try DatabaseQueue(path: path, configuration: Self.configuration)
            try queue.inDatabase { db in
                switch try Schema.kind(db) {
                case .foreign: throw StoreFailure.notOurs(path)
                case .ours(let version) where version > Schema.version:
                    throw StoreFailure.newer(path, version: version)
                default: break
                }
                try Self.prepare(db)
                try Schema.migrate(db, path: path)
                try LogTree.checkSize(db, path: path)
                try db.run("UPDATE sync_pass SET outcome = 'incomplete' WHERE outcome = 'running'")
            }
            return queue
        }
        self.queue = queue
        let name = try StoreFailure.explain(path) { try queue.inDatabase { try LogKeys.newestName($0) } }
        signer = try LogKeyFile.signer(database: path, environment: environment, name: name)
    }

    private static var configuration: Configuration {
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        configuration.foreignKeysEnabled = false
        // A pass is one transaction, and it lasts as long as the API takes to list.
        configuration.allowsUnsafeTransactions = true
        return configuration
    }

    private static func prepare(_ db: Database) throws {
        try db.run("PRAGMA journal_mode = WAL")
        try db.run("PRAGMA synchronous = FULL")
        try db.run("PRAGMA journal_size_limit = \(walSizeLimit)")
        // The -wal and -shm files stay behind a clean stop: a reader without write permission needs them.
        var persist: CInt = 1
        sqlite3_file_control(db.sqliteConnection, nil, SQLITE_FCNTL_PERSIST_WAL, &persist)
    }

    /// The mode is set explicitly, so that the umask of a service does not shut its readers out.
    private static func createFile(_ path: String) throws {
        let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o640)
        if descriptor < 0 {
            guard errno == EEXIST else { throw StoreFailure.cannotOpen(path, errno) }
            return
        }
        fchmod(descriptor, 0o640)
        close(descriptor)
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

    package func remember(pauseUntil instant: Timestamp) throws {
        try access { db in
            try db.run(
                "INSERT INTO api_pause VALUES (1, ?1) ON CONFLICT (id) DO UPDATE SET until = excluded.until",
                [.text(instant.description)])
        }
    }

    /// Moves what the write-ahead log holds into the file, as far as no reader needs it.
    package func checkpoint() throws {
        try access { db in try db.run("PRAGMA wal_checkpoint(PASSIVE)") }
    }
}
