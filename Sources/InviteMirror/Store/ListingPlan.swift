import GRDB
import InviteCore

/// How far down the next pass has to list, going by what the mirror holds.
package enum ListingPlan {
    /// The range that a recent pass has to see; nil where everything must be listed: the newest complete full pass is
    /// too old or did not see the listing newest first, or nothing lies below the range.
    package static func recentRange(_ db: Database, now: Timestamp, fullInterval: Duration) throws -> RecentRange? {
        guard
            let fullAt = try db.first(
                """
                SELECT started_at FROM sync_pass, listing_order WHERE outcome = 'complete' AND scope = 'full' \
                ORDER BY sync_pass.id DESC LIMIT 1
                """, [], { $0.instant(0) }
            ).flatMap({ $0 }),
            fullAt <= now, fullAt + fullInterval > now
        else { return nil }
        // The newest that is listed, the oldest that is pending, the oldest that a listing lacked: each is in it.
        var since: Timestamp?
        for query in [
            "SELECT max(invited_at) FROM invite WHERE listed = 1",
            "SELECT invited_at FROM invite WHERE status = 'pending' AND listed = 1",
            "SELECT invited_at FROM absence JOIN invite ON invite.id = invite_id WHERE confirmed = 0",
        ] {
            var isUnknown = false
            try db.run(query) { row in
                guard let instant = row.instant(0) else {
                    isUnknown = true
                    return
                }
                since = min(since ?? instant, instant)
            }
            if isUnknown { return nil }
        }
        guard let since else { return nil }
        return try db.first(
            "SELECT max(invited_at) FROM invite WHERE listed = 1 AND invited_at < ?1", [.text(since.description)]
        ) { $0.instant(0) }.flatMap { $0 }.map { RecentRange(since: since, below: $0) }
    }

    /// Records whether a full pass saw the listing newest first.
    static func note(isNewestFirst: Bool, by pass: Int, in db: Database) throws {
        if isNewestFirst {
            try db.run("INSERT INTO listing_order VALUES (1, ?1) ON CONFLICT DO NOTHING", [.integer(pass)])
        } else {
            try db.run("DELETE FROM listing_order")
        }
    }
}
