import Foundation
import GRDB

/// What goes wrong with the file, in words.
package enum StoreFailure {
    static func cannotOpen(_ path: String, _ code: CInt) -> Failure {
        Failure(.database, "\(path) cannot be opened: \(String(cString: strerror(code))); nothing was done")
    }

    static func noDatabase(_ path: String) -> Failure {
        Failure(.noDatabase, "there is no mirror at \(path) yet; `invite-mirror sync` makes one")
    }

    static func notOurs(_ path: String) -> Failure {
        Failure(.database, "\(path) is a database, but not one of invite-mirror; it was left as it is")
    }

    static func newer(_ path: String, version: Int) -> Failure {
        Failure(
            .database,
            """
            \(path) has schema version \(version), this program knows \(Schema.version) at the most; it was left as it \
            is. Use the newer invite-mirror that wrote it
            """)
    }

    /// A SQLite error as a sentence: what happened, what it means for the data, what to do.
    package static func sentence(_ error: DatabaseError, path: String) -> Failure {
        let (what, remedy): (String, String) =
            switch error.resultCode {
            case .SQLITE_FULL,
                // The shared memory file beside the database could not be made larger.
                .SQLITE_IOERR where [.SQLITE_FULL, .SQLITE_IOERR_SHMSIZE].contains(error.extendedResultCode):
                ("the disk is full", "free some space; the next pass needs no other help")
            case .SQLITE_BUSY, .SQLITE_LOCKED: ("another program holds a write lock on it", "end that transaction")
            case .SQLITE_NOTADB: ("it is not a SQLite database", "check database.path")
            case .SQLITE_CORRUPT:
                ("it is damaged", "keep a copy, and look at it with `sqlite3 FILE 'PRAGMA integrity_check'`")
            case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH:
                ("this user may not write to it", "check the owner and mode of the file and of its folder")
            case .SQLITE_CANTOPEN: ("it cannot be opened", "check the path, and the owner and mode of its folder")
            case .SQLITE_IOERR: ("the disk reported an error", "look at the system's log")
            default: (error.message ?? "SQLite error", "look at the file with `sqlite3`")
            }
        let code = error.extendedResultCode.rawValue
        return Failure(
            .database,
            """
            the database \(path) cannot be used: \(what) (SQLite \(code)). What was committed before stands; of a \
            pass that was under way everything was recorded or nothing, `invite-mirror status` tells; \(remedy)
            """)
    }

    /// Runs `body` and makes SQLite's errors into sentences.
    static func explain<Result>(_ path: String, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as DatabaseError {
            throw sentence(error, path: path)
        }
    }
}
