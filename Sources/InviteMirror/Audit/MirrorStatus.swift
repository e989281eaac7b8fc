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
    /// What the next passes cost.
    package let cost: Cost

    /// Requests for listing, going by what is mirrored. Get Invite comes on top, once for each invite that is missing.
    package struct Cost: Sendable {
        /// Of a recent pass; nil where the next pass is a full one.
        package let recent: Int?
        package let full: Int
        /// When a full pass is due by the clock; nil if none was complete yet.
        package let fullDue: Timestamp?

        /// Of the next pass.
        package var next: Int { recent ?? full }
    }
    /// The newest pass's row as JSON members, without the braces.
    private let newestRow: String?

    package init(_ reader: MirrorReader, passes count: Int, settings: Settings, now: Timestamp) throws {
        self = try reader.read { db in try MirrorStatus(db, passes: count, settings: settings, now: now) }
    }

    private init(_ db: Database, passes count: Int, settings: Settings, now: Timestamp) throws {
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
        let range = try ListingPlan.recentRange(db, now: now, fullInterval: settings.fullInterval)
        let fullAt = try db.first(
            "SELECT started_at FROM sync_pass WHERE outcome = 'complete' AND scope = 'full' ORDER BY id DESC LIMIT 1"
        ) { $0.instant(0) }
        func pages(_ invites: Int) -> Int { max(1, (invites + settings.pageSize - 1) / settings.pageSize) }
        cost = Cost(
            recent: try range.map { range in
                // One more, which shows that the range has ended.
                pages(
                    1
                        + (try db.integer(
                            "SELECT count(*) FROM invite WHERE listed = 1 AND invited_at >= ?1",
                            [.text(range.since.description)])))
            },
            full: pages(listed), fullDue: fullAt.flatMap { $0 }.map { $0 + settings.fullInterval })
    }

    /// When the next pass is due, going by the newest one.
    package func due(interval: Duration) -> Timestamp? {
        guard let newest = passes.first else { return nil }
        return max(newest.startedAt + interval, pausedUntil ?? newest.startedAt)
    }

    /// One object: the columns of the newest pass, and what else there is to know.
    package func json(_ settings: Settings) -> String {
        let members: [(String, String)] = [
            ("database", JSONText(string: settings.databasePath).text),
            ("last_complete_at", Self.text((lastComplete?.finishedAt).map(\.description))),
            ("due_at", Self.text(due(interval: settings.interval)?.description)),
            ("full_due_at", Self.text(cost.fullDue?.description)),
            ("next_scope", cost.recent == nil ? "\"full\"" : "\"recent\""),
            ("next_requests", "\(cost.next)"), ("full_requests", "\(cost.full)"),
            ("requests_per_minute", "\(settings.requestsPerMinute)"),
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
