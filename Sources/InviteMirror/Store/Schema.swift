import Foundation
import GRDB

/// The schema and how it came to be. A migration that has landed never changes.
enum Schema {
    /// "INVT": marks the file as ours (`PRAGMA application_id`).
    static let applicationID = 0x494E_5654

    private static let migrations = [
        PackageResources.schema_1_sql, PackageResources.schema_2_sql, PackageResources.schema_3_sql,
        PackageResources.schema_4_sql, PackageResources.schema_5_sql,
    ]

    static var version: Int { migrations.count }

    /// What a file says of itself.
    enum Kind: Equatable {
        /// A new or empty file.
        case empty
        case ours(version: Int)
        case foreign
    }

    static func kind(_ db: Database, path: String) throws -> Kind {
        let size = (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0
        let application = try db.integer("PRAGMA application_id")
        if application == applicationID {
            let version = try db.integer("PRAGMA user_version")
            return version > 0 ? .ours(version: version) : .foreign
        }
        let tables = try db.integer("SELECT count(*) FROM sqlite_schema")
        // SQLite takes a file of a few bytes, too short for a database, for an empty one.
        let isShort = try db.integer("PRAGMA page_count") == 0 && size > 0
        return application == 0 && tables == 0 && !isShort ? .empty : .foreign
    }

    /// Brings the file to this version, in one transaction.
    ///
    /// - Throws: a ``Failure`` if the file is another program's or a newer version's: it is left as it is then.
    static func migrate(_ db: Database, path: String) throws {
        let current: Int
        switch try kind(db, path: path) {
        case .empty: current = 0
        case .ours(let version): current = version
        case .foreign: throw StoreFailure.notOurs(path)
        }
        guard current <= version else { throw StoreFailure.newer(path, version: current) }
        guard current < version else { return }
        try db.inTransaction(.immediate) {
            for migration in migrations[current...] {
                try db.execute(sql: String(decoding: migration, as: UTF8.self))
            }
            // Version 2 brought the tree; what was recorded before becomes its first leaves.
            if current < 2 { try LogTree.build(db) }
            try db.execute(sql: "PRAGMA application_id = \(applicationID)")
            try db.execute(sql: "PRAGMA user_version = \(version)")
            return .commit
        }
    }

    /// What a new database of this version consists of: the SQL of each object, by its type and name.
    static func objects() throws -> [String: String] {
        let queue = try DatabaseQueue()
        return try queue.inDatabase { db in
            try migrate(db, path: ":memory:")
            return try objects(of: db)
        }
    }

    static func objects(of db: Database) throws -> [String: String] {
        var objects: [String: String] = [:]
        try db.run("SELECT type || ' ' || name, sql FROM sqlite_schema WHERE sql IS NOT NULL") { row in
            objects[row.text(0) ?? ""] = row.text(1)
        }
        return objects
    }
}
