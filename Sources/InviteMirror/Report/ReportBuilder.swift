import GRDB
import InviteCore

/// Puts a report together, in one read transaction.
struct ReportBuilder {
    private let db: Database
    private let request: AuditReport.Request

    init(_ db: Database, _ request: AuditReport.Request) {
        self.db = db
        self.request = request
    }

    func build() throws -> AuditReport {
        var walk = ReportWalk(request)
        try db.run(
            """
            SELECT invite_id, kind, field, old_value, new_value, evidence, observed_at, document FROM invite_event \
            ORDER BY invite_id, seq
            """
        ) { try walk.take($0) }
        walk.endInvite()
        try addRepeated(to: &walk)
        let watch = try watch()
        var passes = try passCounts()
        (passes.longest, passes.longestWithoutFull) = (watch.longest, watch.longestWithoutFull)
        return AuditReport(
            request: request, organizations: try organizations(), schemaVersion: Schema.version,
            checkpoint: try StoredCheckpoint.newest(db), keys: try LogKeys.all(db),
            verification: request.verifies ? try Verification.checks(db, .init()) : nil,
            passes: passes, gaps: watch.gaps, ledger: walk.ledger, findings: walk.sortedFindings,
            statistics: walk.finishedStatistics,
            changeCount: try db.integer(
                "SELECT count(*) FROM invite_event WHERE observed_at >= ?1 AND observed_at < ?2", period))
    }

    private var period: [SQLValue] { [.text(request.from.description), .text(request.to.description)] }

    private func addRepeated(to walk: inout ReportWalk) throws {
        for (email, count) in walk.repeatedAddresses {
            walk.findings.append(
                AuditReport.Finding(
                    rule: .repeated, inviteID: "", email: email, role: nil, status: nil, invitedAt: nil,
                    detail: "invited \(count) times until the end of the period"))
        }
    }

    private func organizations() throws -> [String] {
        var ids: [String] = []
        try db.run(
            """
            SELECT DISTINCT organization_id FROM sync_pass \
            WHERE outcome = 'complete' AND organization_id IS NOT NULL ORDER BY 1
            """
        ) { ids.append($0.text(0) ?? "") }
        return ids
    }

    private func passCounts() throws -> AuditReport.PassCounts {
        var counts = AuditReport.PassCounts()
        try db.run(
            """
            SELECT sum(outcome = 'complete' AND scope = 'full'), sum(outcome = 'complete' AND scope = 'recent'), \
            sum(outcome <> 'complete'), \
            min(CASE outcome WHEN 'complete' THEN started_at END), \
            max(CASE outcome WHEN 'complete' THEN started_at END), \
            (SELECT max(started_at) FROM sync_pass WHERE outcome = 'complete' AND started_at < ?1) \
            FROM sync_pass WHERE started_at >= ?1 AND started_at < ?2
            """, period
        ) { row in
            counts.full = row.integer(0)
            counts.recent = row.integer(1)
            counts.failed = row.integer(2)
            counts.first = row.text(3)
            counts.last = row.text(4)
            counts.before = row.text(5)
        }
        return counts
    }

    private func watch() throws -> (gaps: [WatchGaps.Gap], longest: Duration, longestWithoutFull: Duration) {
        var passes: [WatchGaps.Pass] = []
        try db.run(
            """
            SELECT started_at, finished_at, scope FROM sync_pass WHERE outcome = 'complete' ORDER BY started_at, id
            """
        ) { row in
            guard let started = row.instant(0) else { return }
            let finished = row.instant(1) ?? started
            passes.append(.init(startedAt: started, finishedAt: finished, isFull: row.text(2) == "full"))
        }
        let watch = WatchGaps(
            from: request.from, to: request.to, interval: request.interval, fullInterval: request.fullInterval)
        return (watch.gaps(passes), watch.longest(passes, full: false), watch.longest(passes, full: true))
    }

    /// Calls `body` with each change of the period, in the order of `seq`.
    func eachChange(limit: Int? = nil, _ body: (AuditReport.Change) throws -> Void) throws {
        try db.run(
            """
            SELECT seq, invite_id, kind, field, old_value, new_value, evidence, not_before, observed_at, request_id, \
            document FROM invite_event WHERE observed_at >= ?1 AND observed_at < ?2 ORDER BY seq \
            LIMIT \(limit ?? -1)
            """, period
        ) { row in
            guard let kind = row.text(2).flatMap(InviteEvent.Kind.init(rawValue:)),
                let evidence = row.text(6).flatMap(InviteEvent.Evidence.init(rawValue:))
            else { return }
            let columns = InviteColumns(of: InviteDocument(canonical: row.text(10) ?? "{}"))
            try body(
                AuditReport.Change(
                    seq: row.integer(0), inviteID: row.text(1) ?? "", email: columns.email, role: columns.role,
                    kind: kind, field: row.text(3), oldValue: row.text(4), newValue: row.text(5), evidence: evidence,
                    notBefore: row.text(7), observedAt: row.text(8) ?? "", requestID: row.text(9)))
        }
    }
}
