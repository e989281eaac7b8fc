import GRDB
import InviteCore

/// Replays the log, one invite after the other, and holds each against its row.
struct Fold {
    let db: Database
    var mismatch: String?
    private(set) var events = 0
    private(set) var invites = 0
    private var id: String?
    private var columns = InviteColumns()
    private var isListed = false
    private var first = ""
    private var last = ""

    init(db: Database) {
        self.db = db
    }

    mutating func take(_ row: RowReader) throws {
        guard let inviteID = row.text(0), let kind = row.text(1).flatMap(InviteEvent.Kind.init(rawValue:)),
            let evidence = row.text(5).flatMap(InviteEvent.Evidence.init(rawValue:)),
            let observedText = row.text(6), let observedAt = Timestamp(rfc3339: observedText),
            let document = row.text(7)
        else {
            mismatch = "event \(row.integer(8)) cannot be read"
            return
        }
        if !id.isIdentical(to: inviteID) {
            try endInvite()
            id = inviteID
            invites += 1
            first = observedText
            if kind != .appeared { mismatch = mismatch ?? "the first event of \(inviteID) is \(kind.rawValue)" }
        }
        events += 1
        last = observedText
        InviteEvent(
            inviteID: inviteID, kind: kind, field: row.text(2), oldValue: row.text(3), newValue: row.text(4),
            evidence: evidence, observedAt: observedAt, requestID: nil,
            document: InviteDocument(canonical: document)
        ).apply(to: &columns, isListed: &isListed)
    }

    mutating func endInvite() throws {
        guard let id, mismatch == nil else { return }
        let row = try db.first(
            """
            SELECT email, role, status, invited_at, expires_at, listed, first_observed_at, last_changed_at \
            FROM invite WHERE id = ?1
            """, [.text(id)]
        ) { row in
            (
                columns: InviteColumns(
                    email: row.text(0), role: row.text(1), status: row.text(2), invitedAt: row.text(3),
                    expiresAt: row.text(4)),
                isListed: row.integer(5) == 1, first: row.text(6), last: row.text(7)
            )
        }
        guard let row else {
            mismatch = "the log knows \(id), the mirror does not"
            return
        }
        if row.columns != columns || row.isListed != isListed {
            mismatch = "the row of \(id) is not what its events say"
        } else if row.first != first || row.last != last {
            mismatch = "the dates of \(id) are not those of its first and last event"
        }
    }
}
