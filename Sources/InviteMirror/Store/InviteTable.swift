import GRDB
import InviteCore

/// The rows of `invite` and `invite_event`, one invite at a time.
struct InviteTable {
    let db: Database
    private let insertion: Statement
    private let updating: Statement
    private let moving: Statement
    private let appending: Statement

    init(_ db: Database) throws {
        self.db = db
        insertion = try db.cachedStatement(
            sql: """
                INSERT INTO invite (\(Self.columns)) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) \
                ON CONFLICT (id) DO NOTHING
                """)
        let update = """
            UPDATE invite SET email = ?2, role = ?3, status = ?4, expires_at = ?5, last_changed_at = ?6, document = ?7
            """
        updating = try db.cachedStatement(sql: "\(update) WHERE rowid = ?1")
        moving = try db.cachedStatement(sql: "\(update), listed = ?8, invited_at = ?9 WHERE rowid = ?1")
        appending = try db.cachedStatement(
            sql: """
                INSERT OR FAIL INTO invite_event (seq, pass_id, invite_id, kind, field, old_value, new_value, \
                evidence, not_before, observed_at, request_id, document) \
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
                """)
    }

    private static let columns =
        "id, email, role, status, invited_at, expires_at, listed, first_observed_at, last_changed_at, document"

    /// The invite at a position: its rowid, which never changes.
    func invite(at position: Int) throws -> Invite {
        let invite = try db.first("SELECT \(Self.columns) FROM invite WHERE rowid = ?1", [.integer(position)]) {
            try Invite($0)
        }
        guard let invite else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "row \(position) of invite is gone")
        }
        return invite
    }

    /// Inserts an invite: its position; nil if there is one of this id already.
    func insert(_ invite: Invite) throws -> Int? {
        try insertion.run([
            .text(invite.id), .optional(invite.columns.email), .optional(invite.columns.role),
            .optional(invite.columns.status), .optional(invite.columns.invitedAt),
            .optional(invite.columns.expiresAt), .flag(invite.isListed), .text(invite.firstObservedAt.description),
            .text(invite.lastChangedAt.description), .text(invite.document.text),
        ])
        return db.changesCount == 0 ? nil : Int(db.lastInsertedRowID)
    }

    /// Writes what an invite has become. What stands in the index over the listed ones is left alone where it is the
    /// same: SQLite writes to an index anew whenever one of its columns is assigned.
    func update(_ known: Invite, at position: Int, to invite: Invite) throws {
        let values: [SQLValue] = [
            .integer(position), .optional(invite.columns.email), .optional(invite.columns.role),
            .optional(invite.columns.status), .optional(invite.columns.expiresAt),
            .text(invite.lastChangedAt.description), .text(invite.document.text),
        ]
        if invite.isListed == known.isListed && invite.columns.invitedAt.isIdentical(to: known.columns.invitedAt) {
            try updating.run(values)
        } else {
            try moving.run(values + [.flag(invite.isListed), .optional(invite.columns.invitedAt)])
        }
    }

    /// Calls `body` with rowid, id and `invited_at` of the invites that are mirrored as listed; with those only that
    /// were invited at or after `since`, if it is given.
    func eachListed(since: Timestamp?, _ body: (RowReader) throws -> Void) throws {
        let query = "SELECT rowid, id, invited_at FROM invite WHERE listed = 1"
        guard let since else { return try db.run(query, row: body) }
        try db.run("\(query) AND invited_at >= ?1", [.text(since.description)]) { row in
            // A text that is no instant may be greater too, but nobody knows whether it was covered.
            if row.instant(2) != nil { try body(row) }
        }
    }

    func append(_ event: InviteEvent, seq: Int, pass: Int) throws {
        try appending.run(
            [
                .integer(seq), .integer(pass), .text(event.inviteID), .text(event.kind.rawValue),
                .optional(event.field), .optional(event.oldValue), .optional(event.newValue),
                .text(event.evidence.rawValue), .optional(event.notBefore?.description),
                .text(event.observedAt.description), .optional(event.requestID), .text(event.document.text),
            ])
    }
}

extension Invite {
    fileprivate init(_ row: RowReader) throws {
        guard let id = row.text(0), let first = row.instant(7), let last = row.instant(8), let document = row.text(9)
        else { throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "a row of invite cannot be read") }
        self.init(
            id: id,
            columns: InviteColumns(
                email: row.text(1), role: row.text(2), status: row.text(3), invitedAt: row.text(4),
                expiresAt: row.text(5)),
            isListed: row.integer(6) == 1, firstObservedAt: first, lastChangedAt: last,
            document: InviteDocument(canonical: document))
    }
}
