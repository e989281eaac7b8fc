import GRDB
import InviteCore

/// The rows of `absence`: invites that a complete listing lacked, until they are listed again.
struct AbsenceTable {
    let db: Database

    /// An invite that is missing and whose absence is not confirmed.
    struct Open {
        let position: Int
        let id: String
        let shownAt: Timestamp?
        let sincePass: Int
        let invitedAt: Timestamp?
    }

    /// What an absent invite was last known by: starts of passes.
    struct LastKnown {
        /// The newest that showed it.
        let shownAt: Timestamp?
        /// The one that learnt from a 404 that it is deleted: a status that no answer showed.
        let deletedAt: Timestamp?
    }

    /// Nil if the invite is not absent.
    func lastKnown(_ id: String) throws -> LastKnown? {
        try db.first("SELECT shown_at, deleted_at FROM absence WHERE invite_id = ?1", [.text(id)]) {
            LastKnown(shownAt: $0.instant(0), deletedAt: $0.instant(1))
        }
    }

    func insert(_ id: String, shownAt: Timestamp?, pass: Int) throws {
        try db.run(
            "INSERT INTO absence (invite_id, shown_at, since_pass_id) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
            [.text(id), .optional(shownAt?.description), .integer(pass)])
    }

    func remove(_ id: String) throws {
        try db.run("DELETE FROM absence WHERE invite_id = ?1", [.text(id)])
    }

    private static let query = """
        SELECT invite.rowid, invite_id, shown_at, since_pass_id, invited_at FROM absence \
        JOIN invite ON invite.id = invite_id
        """

    /// Calls `body` for those whose absence is open, the ones asked for longest ago first.
    func eachOpen(_ body: (Open) throws -> Void) throws {
        try db.run("\(Self.query) WHERE confirmed = 0 ORDER BY asked_pass_id") { try body(Open($0)) }
    }

    func open(_ id: String) throws -> Open? {
        try db.first("\(Self.query) WHERE invite_id = ?1 AND confirmed = 0", [.text(id)]) { Open($0) }
    }

    func noteAsked(_ id: String, pass: Int) throws {
        try db.run("UPDATE absence SET asked_pass_id = ?2 WHERE invite_id = ?1", [.text(id), .integer(pass)])
    }

    func noteShown(_ id: String, at instant: Timestamp) throws {
        try db.run(
            "UPDATE absence SET shown_at = ?2 WHERE invite_id = ?1", [.text(id), .text(instant.description)])
    }

    func noteDeleted(_ id: String, at instant: Timestamp) throws {
        try db.run(
            "UPDATE absence SET deleted_at = ?2 WHERE invite_id = ?1", [.text(id), .text(instant.description)])
    }

    func confirm(_ id: String) throws {
        try db.run("UPDATE absence SET confirmed = 1 WHERE invite_id = ?1", [.text(id)])
    }

    /// Complete passes since `pass`, that one included, that covered an invite.
    func completePasses(since pass: Int, covering invitedAt: Timestamp?) throws -> Int {
        try db.integer(
            """
            SELECT count(*) FROM sync_pass WHERE id >= ?1 AND outcome = 'complete' \
            AND (scope = 'full' OR covered_since <= ?2)
            """, [.integer(pass), .optional(invitedAt?.description)])
    }
}

extension AbsenceTable.Open {
    fileprivate init(_ row: RowReader) {
        self.init(
            position: row.integer(0), id: row.text(1) ?? "", shownAt: row.instant(2), sincePass: row.integer(3),
            invitedAt: row.instant(4))
    }
}
