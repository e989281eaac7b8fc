import GRDB
import InviteCore
import InviteMirror
import Synchronization
import Testing

/// The queries that people wait for reach what they want by an index: none reads the log from end to end.
@Suite("The plan of a query")
struct QueryPlanTests {
    struct Question: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let query: MirrorQuery
        /// Parts of the plan that must be there.
        let uses: [String]
        /// Scans that are meant: every row of what is scanned can be in the answer.
        var scans: Set<String> = []
    }

    private static let to = testNow + .seconds(86400)

    static let questions = [
        Question(
            testDescription: "events since an instant", query: .events(since: testNow, invite: nil, kind: nil),
            uses: ["SEARCH invite_event USING INDEX invite_event_by_time (observed_at>?)"]),
        Question(
            testDescription: "events of a kind since an instant",
            query: .events(since: testNow, invite: nil, kind: .vanished),
            uses: ["SEARCH invite_event USING INDEX invite_event_by_time (observed_at>?)"]),
        Question(
            testDescription: "events after a seq", query: .events(since: nil, invite: nil, kind: nil, after: 9),
            uses: ["SEARCH invite_event USING INTEGER PRIMARY KEY (rowid>?)"]),
        Question(
            testDescription: "new events since an instant, as they come",
            query: .events(since: testNow, invite: nil, kind: nil, after: 9, limit: 1000),
            uses: ["SEARCH invite_event USING INTEGER PRIMARY KEY (rowid>?)"]),
        Question(
            testDescription: "the history of one invite", query: .events(since: nil, invite: "a", kind: nil),
            uses: ["SEARCH invite_event USING INDEX invite_event_by_invite (invite_id=?)"]),
        Question(
            testDescription: "the history of one invite since an instant",
            query: .events(since: testNow, invite: "a", kind: nil),
            uses: ["SEARCH invite_event USING INDEX invite_event_by_invite (invite_id=?)"]),
        Question(
            testDescription: "where an invite stands",
            query: MirrorQuery(sql: "SELECT rowid FROM invite WHERE id = 'a'", values: []),
            uses: ["SEARCH invite USING"]),
        Question(
            testDescription: "the pending list",
            query: MirrorQuery(sql: "SELECT * FROM pending_invite ORDER BY invited_at", values: []),
            uses: ["SEARCH invite USING INDEX invite_pending (status=? AND listed=?)"]),
        Question(
            testDescription: "the invites that are pending", query: .invites(status: "pending"),
            uses: ["SEARCH invite USING INDEX invite_pending (status=?)"]),
        Question(
            testDescription: "how many are pending, by role",
            query: MirrorQuery(sql: "SELECT role, count(*) FROM pending_invite GROUP BY role", values: []),
            uses: ["SEARCH invite USING INDEX invite_pending (status=? AND listed=?)"]),
        Question(
            testDescription: "how many are pending",
            query: MirrorQuery(sql: "SELECT count(*) FROM pending_invite", values: []),
            uses: ["SEARCH invite USING COVERING INDEX invite_pending (status=? AND listed=?)"]),
        Question(
            testDescription: "how many are listed",
            query: MirrorQuery(sql: "SELECT count(*) FROM invite WHERE listed = 1", values: []),
            uses: [], scans: ["SCAN invite USING COVERING INDEX invite_listed"]),
        Question(
            testDescription: "the versions of one invite",
            query: MirrorQuery(sql: "SELECT * FROM invite_version WHERE invite_id = ?1", values: [.text("a")]),
            uses: ["SEARCH e USING INDEX invite_event_by_invite (invite_id=?)"]),
        Question(
            testDescription: "one invite as of an instant",
            query: MirrorQuery(
                sql: """
                    SELECT * FROM invite_version
                    WHERE invite_id = ?1 AND valid_from <= ?2 AND (valid_to > ?2 OR valid_to IS NULL)
                    """, values: [.text("a"), .text(testNow.description)]),
            uses: ["SEARCH e USING INDEX invite_event_by_invite (invite_id=?"]),
        Question(
            testDescription: "all invites as of an instant", query: .versions(at: testNow, status: nil),
            uses: [
                "SEARCH n USING INDEX invite_event_by_invite (invite_id=?",
                "SEARCH s USING INDEX invite_event_by_invite (invite_id=? AND rowid<?)",
                "SEARCH l USING INDEX invite_event_by_invite (invite_id=? AND rowid<?)",
                "SEARCH e USING INTEGER PRIMARY KEY (rowid=?)",
            ], scans: ["SCAN clock", "SCAN i", "SCAN invite", "SCAN n", "SCAN v"]),
        Question(
            testDescription: "what differs between two instants", query: .difference(from: testNow, to: to),
            uses: [
                "SEARCH e USING INDEX invite_event_by_time (observed_at>? AND observed_at<?)",
                "SEARCH a USING INDEX invite_event_by_invite (invite_id=?",
                "SEARCH s USING INDEX invite_event_by_invite (invite_id=? AND rowid<?)",
                "SEARCH f USING INTEGER PRIMARY KEY (rowid=?)",
            ],
            scans: [
                // The walk along the invites, taken where much of the log lies between the two; without documents.
                "SCAN w USING COVERING INDEX invite_event_by_invite", "SCAN x", "SCAN r", "SCAN t", "SCAN p",
                "SCAN state", "SCAN CONSTANT ROW",
            ]),
    ]

    /// The indexes stand in another order after a first pass than in a new file, and SQLite takes the newest of equals.
    @Test("reads what is asked for and not the log, before the first pass and after it", arguments: questions)
    func plans(_ question: Question) async throws {
        try await Mirror.with(.still(invites: 3)) { mirror in
            for _ in 0..<2 {
                let steps = try mirror.plan(question.query.sql, question.query.values)
                for use in question.uses { #expect(steps.contains { $0.contains(use) }, "\(use) of \(steps)") }
                for step in steps where step.hasPrefix("SCAN") { #expect(question.scans.contains(step), "\(steps)") }
                try await mirror.pass()
            }
        }
    }

    /// What a pass reads from end to end: tables that hold little, one index by itself, and of the passes the newest.
    private static let scansOfPasses: Set<String> = [
        "SCAN omission", "SCAN absence USING INDEX absence_open", "SCAN api_pause", "SCAN listing_order",
        "SCAN field_name USING COVERING INDEX sqlite_autoindex_field_name_1",
        "SCAN invite USING COVERING INDEX invite_listed", "SCAN sync_pass",
    ]

    @Test("of a pass: neither the invites nor the log are read from end to end")
    func plansOfPasses() async throws {
        let statements = Mutex<Set<String>>([])
        try await Mirror.with(.forgetful(invites: 40)) { mirror in
            try await mirror.pass()
            try mirror.store.access { db in
                db.trace { event in _ = statements.withLock { $0.insert("\(event)") } }
            }
            let day = Duration.seconds(86400)
            #expect(try await mirror.pass(fullInterval: day).record.scope == .recent)
            let pending = try mirror.rows("SELECT id FROM pending_invite ORDER BY invited_at DESC")
            await mirror.change { api in
                _ = api.organization.accept(id: pending[0])
                _ = api.organization.delete(id: pending[1])
            }
            for interval in [day, .zero] { try await mirror.pass(fullInterval: interval) }
            try mirror.store.access { $0.trace() }
            let seen = statements.withLock { $0.filter { !$0.hasPrefix("--") } }
            #expect(seen.contains { $0.hasPrefix("INSERT OR FAIL INTO invite_event") }, "\(seen)")
            for sql in seen {
                for step in try mirror.plan(sql) where step.hasPrefix("SCAN") {
                    #expect(Self.scansOfPasses.contains(step), "\(sql)")
                }
            }
        }
    }
}

extension Mirror {
    fileprivate func plan(_ sql: String, _ values: [SQLValue] = []) throws -> [String] {
        var steps: [String] = []
        try store.access { db in
            try db.run("EXPLAIN QUERY PLAN \(sql)", values) { steps.append($0.text(3) ?? "") }
        }
        return steps
    }
}
