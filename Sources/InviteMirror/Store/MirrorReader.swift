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
        queue = try StoreFailure.explain(path) {
            let queue = try DatabaseQueue(path: path, configuration: configuration)
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
