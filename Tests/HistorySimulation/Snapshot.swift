import GRDB
import InviteCore
import InviteMirror

/// What stands in the database, read from outside.
struct Snapshot {
    struct Event {
        let seq: Int
        let pass: Int
        let inviteID: String
        let kind: String
        let field: String?
        let old: String?
        let new: String?
        let evidence: String
        let notBefore: String?
        let observedAt: String
        let requestID: String?
    }

    struct Row {
        let id: String
        let columns: [String: String?]
        let isListed: Bool
        let isAbsent: Bool
    }

    private(set) var events: [Event] = []
    private(set) var rows: [Row] = []
    private(set) var newestPass: PassCounts?
    private(set) var openAbsences = 0
    /// Everything but the passes, as one text.
    private(set) var content = ""

    struct PassCounts {
        let id: Int
        let outcome: String
        let scope: String
        let coveredSince: Timestamp?
        let appeared: Int
        let changed: Int
        let vanished: Int
    }

    var newestSeq: Int { events.last?.seq ?? 0 }

    static let columns = ["email", "role", "status", "invited_at", "expires_at"]

    init(folder: String) throws {
        let reader = try MirrorReader(path: "\(folder)/mirror.db")
        let absences = "(SELECT 1 FROM absence WHERE invite_id = invite.id AND confirmed = 0) IS NOT NULL"
        self = try reader.read { db in
            var snapshot = Snapshot()
            try db.run("SELECT * FROM invite_event ORDER BY seq") { row in
                snapshot.content += row.json + "\n"
                snapshot.events.append(
                    Event(
                        seq: row.integer(0), pass: row.integer(1), inviteID: row.text(2) ?? "",
                        kind: row.text(3) ?? "", field: row.text(4), old: row.text(5), new: row.text(6),
                        evidence: row.text(7) ?? "", notBefore: row.text(8), observedAt: row.text(9) ?? "",
                        requestID: row.text(10)))
            }
            try db.run("SELECT *, \(absences) FROM invite ORDER BY id") { row in
                snapshot.content += row.json + "\n"
                let values = Self.columns.enumerated().map { ($1, row.text($0 + 1)) }
                snapshot.rows.append(
                    Row(
                        id: row.text(0) ?? "", columns: Dictionary(uniqueKeysWithValues: values),
                        isListed: row.integer(6) == 1, isAbsent: row.integer(10) == 1))
            }
            try db.run("SELECT name FROM field_name ORDER BY name") { snapshot.content += ($0.text(0) ?? "") + "\n" }
            snapshot.openAbsences = try db.integer("SELECT count(*) FROM absence WHERE confirmed = 0")
            snapshot.newestPass = try db.first(
                """
                SELECT id, outcome, scope, covered_since, appeared, changed, vanished FROM sync_pass \
                ORDER BY id DESC LIMIT 1
                """
            ) { row in
                PassCounts(
                    id: row.integer(0), outcome: row.text(1) ?? "", scope: row.text(2) ?? "",
                    coveredSince: row.instant(3), appeared: row.integer(4), changed: row.integer(5),
                    vanished: row.integer(6))
            }
            return snapshot
        }
    }

    private init() {}
}
