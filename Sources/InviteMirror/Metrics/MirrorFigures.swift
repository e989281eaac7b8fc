import GRDB
import InviteCore

/// What the database says for the metrics. What only grows is counted once and then added to, so that a pass does not
/// read the whole log again.
package struct MirrorFigures: Sendable {
    package struct InviteKind: Hashable, Sendable {
        let status: String
        let isListed: Bool
    }

    private(set) var newestPass: PassRecord?
    private(set) var lastComplete: PassRecord?
    private(set) var passes: [String: Int] = [:]
    private(set) var requests = 0
    private(set) var retries = 0
    private(set) var pages = 0
    private(set) var events: [String: Int] = [:]
    private(set) var invites: [InviteKind: Int] = [:]
    private(set) var unconfirmedAbsences = 0
    private(set) var pausedUntil: Timestamp?
    private var countedPass = 0
    private var countedSeq = -1

    /// Statuses that have a label of their own. The API's others share `other`, so that what it sends cannot make
    /// any number of series.
    private static let knownStatuses: Set<String> = ["pending", "accepted", "expired", "deleted"]

    package init() {}

    /// Reads what is new. No pass may be running: its transaction is open on the same connection.
    package mutating func refresh(_ store: MirrorStore) throws {
        self = try store.access { db in
            var figures = self
            try figures.readPasses(db)
            try figures.readInvites(db)
            figures.unconfirmedAbsences = try db.integer("SELECT count(*) FROM absence WHERE confirmed = 0")
            figures.pausedUntil = try db.first("SELECT until FROM api_pause") { $0.instant(0) }.flatMap { $0 }
            return figures
        }
    }

    private mutating func readPasses(_ db: Database) throws {
        try db.run(
            """
            SELECT outcome, count(*), sum(requests), sum(retries), sum(pages), max(id) FROM sync_pass \
            WHERE id > ?1 GROUP BY outcome
            """, [.integer(countedPass)]
        ) { row in
            passes[row.text(0) ?? "", default: 0] += row.integer(1)
            requests += row.integer(2)
            retries += row.integer(3)
            pages += row.integer(4)
            countedPass = max(countedPass, row.integer(5))
        }
        newestPass = try db.first("SELECT \(PassRecord.columns) FROM sync_pass ORDER BY id DESC LIMIT 1") {
            try PassRecord($0)
        }
        lastComplete = try db.first(
            "SELECT \(PassRecord.columns) FROM sync_pass WHERE outcome = 'complete' ORDER BY id DESC LIMIT 1"
        ) { try PassRecord($0) }
    }

    private mutating func readInvites(_ db: Database) throws {
        let newest = try db.integer("SELECT ifnull(max(seq), 0) FROM invite_event")
        // The mirror changes only with the log.
        guard newest != countedSeq else { return }
        try db.run(
            "SELECT kind, count(*) FROM invite_event WHERE seq > ?1 GROUP BY kind", [.integer(max(countedSeq, 0))]
        ) { row in events[row.text(0) ?? "", default: 0] += row.integer(1) }
        countedSeq = newest
        invites = [:]
        try db.run("SELECT ifnull(status, 'other'), listed, count(*) FROM invite GROUP BY status, listed") { row in
            let status = row.text(0).flatMap { Self.knownStatuses.contains($0) ? $0 : nil } ?? "other"
            invites[InviteKind(status: status, isListed: row.integer(1) == 1), default: 0] += row.integer(2)
        }
    }
}
