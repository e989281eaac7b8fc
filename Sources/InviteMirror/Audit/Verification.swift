import GRDB
import InviteCore

/// Checks a database against what the mirror promises, and says what it checked. It only reads.
package struct Verification: Sendable {
    package struct Check: Sendable, Equatable {
        package let name: String
        package let passed: Bool
        /// What was looked at, or the first thing that is wrong.
        package let detail: String
    }

    package let checks: [Check]

    package var passed: Bool { checks.allSatisfy(\.passed) }

    package init(_ reader: MirrorReader) throws {
        checks = try reader.read { db in
            [
                try Self.checkFile(db), try Self.checkSchema(db), try Self.checkSequence(db),
                try Self.checkPasses(db), try Self.checkFold(db),
            ]
        }
    }

    private static func checkFile(_ db: Database) throws -> Check {
        var findings: [String] = []
        try db.run("PRAGMA integrity_check(1)") { findings.append($0.text(0) ?? "") }
        let passed = findings == ["ok"]
        return Check(
            name: "file", passed: passed,
            detail: passed ? "SQLite finds the file whole" : findings.first ?? "SQLite says nothing")
    }

    /// The tables, views and triggers are those of this version: an append-only log needs its triggers.
    private static func checkSchema(_ db: Database) throws -> Check {
        let reference = try Schema.objects()
        let present = try Schema.objects(of: db)
        let wrong = reference.keys.sorted().first { present[$0] != reference[$0] }
        let triggers = reference.keys.filter { $0.hasPrefix("trigger ") }.count
        return Check(
            name: "schema", passed: wrong == nil,
            detail: wrong.map { "the \($0) is \(present[$0] == nil ? "missing" : "not as this version makes it")" }
                ?? "\(reference.count) tables, views, indexes and triggers as made, \(triggers) triggers guard the log")
    }

    private static func checkSequence(_ db: Database) throws -> Check {
        var expected = 1
        var gap: Int?
        try db.run("SELECT seq FROM invite_event ORDER BY seq") { row in
            if gap == nil && row.integer(0) != expected { gap = expected }
            expected += 1
        }
        return Check(
            name: "sequence", passed: gap == nil,
            detail: gap.map { "event \($0) is missing" } ?? "events 1 to \(expected - 1) without a gap")
    }

    /// Events come from complete passes alone.
    private static func checkPasses(_ db: Database) throws -> Check {
        let stray = try db.first(
            """
            SELECT seq, pass_id FROM invite_event WHERE pass_id NOT IN \
            (SELECT id FROM sync_pass WHERE outcome = 'complete') ORDER BY seq LIMIT 1
            """
        ) { (seq: $0.integer(0), pass: $0.integer(1)) }
        let complete = try db.integer("SELECT count(*) FROM sync_pass WHERE outcome = 'complete'")
        return Check(
            name: "passes", passed: stray == nil,
            detail: stray.map { "event \($0.seq) belongs to pass \($0.pass), which is not complete" }
                ?? "every event belongs to one of \(complete) complete passes")
    }

    /// Promise 4: replaying the log from nothing gives the rows of `invite`.
    private static func checkFold(_ db: Database) throws -> Check {
        var fold = Fold(db: db)
        try db.run(
            """
            SELECT invite_id, kind, field, old_value, new_value, evidence, observed_at, document, seq \
            FROM invite_event ORDER BY invite_id, seq
            """
        ) { row in if fold.mismatch == nil { try fold.take(row) } }
        if fold.mismatch == nil { try fold.endInvite() }
        let rows = try db.integer("SELECT count(*) FROM invite")
        if fold.mismatch == nil, rows != fold.invites {
            fold.mismatch = "the mirror has \(rows) invites, the log knows \(fold.invites)"
        }
        return Check(
            name: "fold", passed: fold.mismatch == nil,
            detail: fold.mismatch ?? "replaying \(fold.events) events gives the mirror's \(rows) invites")
    }
}

/// Replays the log, one invite after the other, and holds each against its row.
private struct Fold {
    let db: Database
    var mismatch: String?
    private(set) var events = 0
    private(set) var invites = 0
    private var id: String?
    private var columns = InviteColumns(of: [])
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
