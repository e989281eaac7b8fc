import GRDB
import InviteCore
import InviteMirror
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
            testDescription: "the pending list",
            query: MirrorQuery(sql: "SELECT * FROM pending_invite ORDER BY invited_at", values: []),
            uses: ["USING INDEX invite_pending"], scans: ["SCAN invite USING INDEX invite_pending"]),
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
                "SEARCH s USING INDEX invite_event_by_invite (invite_id=? AND seq<?)",
                "SEARCH l USING INDEX invite_event_by_invite (invite_id=? AND seq<?)",
                "SEARCH e USING INTEGER PRIMARY KEY (rowid=?)",
            ], scans: ["SCAN clock", "SCAN i", "SCAN invite", "SCAN n", "SCAN v"]),
        Question(
            testDescription: "what differs between two instants", query: .difference(from: testNow, to: to),
            uses: [
                "SEARCH e USING INDEX invite_event_by_time (observed_at>? AND observed_at<?)",
                "SEARCH a USING INDEX invite_event_by_invite (invite_id=?",
                "SEARCH s USING INDEX invite_event_by_invite (invite_id=? AND seq<?)",
                "SEARCH f USING INTEGER PRIMARY KEY (rowid=?)",
            ],
            scans: [
                // The walk along the invites, taken where much of the log lies between the two; without documents.
                "SCAN w USING COVERING INDEX invite_event_by_invite", "SCAN x", "SCAN r", "SCAN t", "SCAN p",
                "SCAN state", "SCAN CONSTANT ROW",
            ]),
    ]

    @Test("reads what is asked for and not the log", arguments: questions)
    func plans(_ question: Question) throws {
        let folder = try TemporaryFolder()
        let store = try MirrorStore(path: folder.file("mirror.db"))
        var steps: [String] = []
        try store.access { db in
            try db.run("EXPLAIN QUERY PLAN \(question.query.sql)", question.query.values) { row in
                steps.append(row.text(3) ?? "")
            }
        }
        for use in question.uses { #expect(steps.contains { $0.contains(use) }, "\(use) of \(steps)") }
        for step in steps where step.hasPrefix("SCAN") { #expect(question.scans.contains(step), "\(steps)") }
    }
}
