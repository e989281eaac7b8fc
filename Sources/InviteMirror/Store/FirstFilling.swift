import GRDB
import InviteCore

/// The first filling of an empty mirror: triggers, and the indexes that grow all over, are made when all rows are
/// there, since sorting once is much faster than as many insertions, and SQLite may keep more pages in memory, for the
/// one index that cannot wait. All of it is part of the pass's transaction: nobody else ever sees the tables without
/// them.
struct FirstFilling {
    private var objects: [String] = []

    /// KiB. The index by id of a million invites has 42 MiB.
    private static let pageCache = 57344
    private static let sorterCache = 4096

    /// Indexes that grow at their end alone, or hold few of the rows.
    private static let cheapIndexes = ["invite_event_by_time", "invite_pending"]

    init(_ db: Database) throws {
        var names: [String] = []
        try db.run(
            """
            SELECT type || ' ' || name, sql FROM sqlite_schema WHERE type IN ('index', 'trigger') \
            AND sql IS NOT NULL AND tbl_name IN ('invite', 'invite_event') AND name NOT IN (?1, ?2) ORDER BY rowid
            """, Self.cheapIndexes.map { .text($0) }
        ) { row in
            names.append(row.text(0) ?? "")
            objects.append(row.text(1) ?? "")
        }
        for name in names { try db.execute(sql: "DROP \(name)") }
        try db.run("PRAGMA cache_size = -\(Self.pageCache)")
    }

    func end(in db: Database) throws {
        // The memory of the pages is given back before the sorting takes its own.
        release(db)
        try db.run("PRAGMA cache_size = -\(Self.sorterCache)")
        for object in objects {
            try Task.checkCancellation()
            try db.execute(sql: object)
        }
        release(db)
    }

    /// Gives the memory back.
    func release(_ db: Database) {
        try? db.run("PRAGMA cache_size = -2000")
        try? db.run("PRAGMA shrink_memory")
    }
}
