import Foundation
import GRDB
import InviteCore

/// How the mirror is: its newest passes, how fresh it is, how much it holds.
package struct MirrorStatus: Sendable {
    /// Newest first.
    package let passes: [PassRecord]
    /// The newest complete pass.
    package let lastComplete: PassRecord?
    package let invites: Int
    package let listed: Int
    package let pending: Int
    package let events: Int
    /// Invites that the listing lacks and whose absence is not confirmed.
    package let unconfirmedAbsences: Int
    /// The API asked for patience until then.
    package let pausedUntil: Timestamp?
    /// The newest pass's row as JSON members, without the braces.
    private let newestRow: String?

    package init(_ reader: MirrorReader, passes count: Int, now: Timestamp) throws {
        self = try reader.read { db in try MirrorStatus(db, passes: count, now: now) }
    }

    private init(_ db: Database, passes count: Int, now: Timestamp) throws {
        var passes: [PassRecord] = []
        try db.run(
            "SELECT \(PassRecord.columns) FROM sync_pass ORDER BY id DESC LIMIT ?1", [.integer(count)]
        ) { passes.append(try PassRecord($0)) }
        self.passes = passes
        lastComplete = try db.first(
            "SELECT \(PassRecord.columns) FROM sync_pass WHERE outcome = 'complete' ORDER BY id DESC LIMIT 1"
        ) { try PassRecord($0) }
        newestRow = try db.first("SELECT * FROM sync_pass ORDER BY id DESC LIMIT 1") {
            String($0.json.dropFirst().dropLast())
        }
        invites = try db.integer("SELECT count(*) FROM invite")
        listed = try db.integer("SELECT count(*) FROM invite WHERE listed = 1")
        pending = try db.integer("SELECT count(*) FROM invite WHERE status = 'pending' AND listed = 1")
        events = try db.integer("SELECT count(*) FROM invite_event")
        unconfirmedAbsences = try db.integer("SELECT count(*) FROM absence WHERE confirmed = 0")
        pausedUntil = try db.first("SELECT until FROM api_pause") { $0.instant(0) }
            .flatMap { $0 }.flatMap { $0 > now ? $0 : nil }
    }

    /// When the next pass is due, going by the newest one.
    package func due(interval: Duration) -> Timestamp? {
        guard let newest = passes.first else { return nil }
        return max(newest.startedAt + interval, pausedUntil ?? newest.startedAt)
    }

    /// One object: the columns of the newest pass, and what else there is to know.
    package func json(database: String, interval: Duration) -> String {
        let members: [(String, String)] = [
            ("database", JSONText(string: database).text),
            ("last_complete_at", Self.text((lastComplete?.finishedAt).map(\.description))),
            ("due_at", Self.text(due(interval: interval)?.description)),
            ("paused_until", Self.text(pausedUntil?.description)),
            ("invites", "\(invites)"), ("listed_invites", "\(listed)"), ("pending_invites", "\(pending)"),
            ("events", "\(events)"), ("unconfirmed_absences", "\(unconfirmedAbsences)"),
        ]
        let newest = newestRow ?? Self.emptyRow
        return "{\(newest),\(members.map { "\"\($0.0)\":\($0.1)" }.joined(separator: ","))}"
    }

    private static let emptyRow = PassRecord.columns.split(separator: ", ").map { "\"\($0)\":null" }
        .joined(separator: ",")

    private static func text(_ value: String?) -> String {
        value.map { JSONText(string: $0).text } ?? "null"
    }
}
