import GRDB
import InviteCore

/// The rows of `omission`: what answers leave out is not seen, so what is known of it is as old as it is.
struct OmissionTable {
    let db: Database

    /// When the fields that the newest answers left out were last shown: starts of passes, by name.
    func lastShown(_ id: String) throws -> [ExactText: Timestamp?] {
        var shown: [ExactText: Timestamp?] = [:]
        try db.run("SELECT name, shown_at FROM omission WHERE invite_id = ?1", [.text(id)]) { row in
            shown[ExactText(row.text(0) ?? "")] = .some(row.instant(1))
        }
        return shown
    }

    /// Notes what an answer left out; what it shows again is noted no longer.
    func update(_ id: String, omitted: [ExactText], noted: [ExactText: Timestamp?], shownAt: Timestamp?) throws {
        for name in noted.keys where !omitted.contains(name) {
            try db.run(
                "DELETE FROM omission WHERE invite_id = ?1 AND name = ?2", [.text(id), .text(name.string)])
        }
        for name in omitted where noted[name] == nil {
            try db.run(
                "INSERT INTO omission (invite_id, name, shown_at) VALUES (?1, ?2, ?3)",
                [.text(id), .text(name.string), .optional(shownAt?.description)])
        }
    }

    /// Forgets what is noted of invites whose answer of this listing was whole: those at a position that `isWhole`.
    func removeAll(where isWhole: (Int) -> Bool) throws {
        var ids: Set<ExactText> = []
        try db.run(
            // CROSS: the few rows of `omission` first, not all invites.
            "SELECT DISTINCT invite.rowid, invite_id FROM omission CROSS JOIN invite ON invite.id = invite_id"
        ) { row in
            if isWhole(row.integer(0)) { ids.insert(ExactText(row.text(1) ?? "")) }
        }
        for id in ids { try db.run("DELETE FROM omission WHERE invite_id = ?1", [.text(id.string)]) }
    }
}
