import Foundation
import GRDB
import GRDBSQLite
import Synchronization

/// Looks at a database before anything writes to it.
package enum Soundness {
    /// A larger file is not read whole before the service starts: that would take longer than people wait for it.
    package static let sizeLimit = 1024 * 1024 * 1024

    /// The connections that were looked through, closed and not let go of: the end of such an object is work for a
    /// worker of libdispatch, see ``ThreadPoolExecutor``.
    private static let closed = Mutex<[DatabaseQueue]>([])

    /// What was looked at.
    package enum Extent: Sendable, Equatable {
        /// There is no file yet, or an empty one.
        case nothing
        /// Its kind and version, since it is larger than ``sizeLimit``.
        case header
        /// Every page.
        case everything
    }

    /// Checks that the file is a sound mirror of a version that this program knows. The file is only read.
    ///
    /// - Throws: a ``Failure`` that says what is wrong.
    package static func check(_ path: String, limit: Int = sizeLimit) throws -> Extent {
        let size = MirrorFile(path: path).databaseBytes
        guard size > 0 else { return .nothing }
        return try StoreFailure.explain(path) {
            var configuration = Configuration()
            configuration.readonly = true
            configuration.busyMode = .timeout(5)
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            defer {
                try? queue.close()
                closed.withLock { $0.append(queue) }
            }
            return try queue.inDatabase { db in
                switch try Schema.kind(db, path: path) {
                case .empty: return .nothing
                case .foreign: throw StoreFailure.notOurs(path)
                case .ours(let version) where version > Schema.version:
                    throw StoreFailure.newer(path, version: version)
                case .ours: break
                }
                guard size <= limit else { return .header }
                try quickCheck(db, path: path)
                return .everything
            }
        }
    }

    /// Every page, and that rows fit their tables: all but that the indexes have what the tables have.
    private static func quickCheck(_ db: Database, path: String) throws {
        let finding: String
        do {
            finding = try db.first("PRAGMA quick_check(1)") { $0.text(0) ?? "" } ?? ""
        } catch let error as DatabaseError where error.resultCode == .SQLITE_CORRUPT {
            finding = error.message ?? "it cannot be read"
        }
        guard finding != "ok" else { return }
        throw Failure(
            .database,
            """
            the database \(path) is damaged: \(finding.replacing("\n", with: " ")). It was left as it is. Keep a copy, \
            and put a backup in its place (`invite-mirror backup` makes them) or recover it with `sqlite3 FILE .recover`
            """)
    }
}
