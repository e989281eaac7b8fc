import GRDB
import InviteCore
import InviteMirror
import Testing

@Suite("The plan of a query")
struct QueryPlanTests {
    @Test("for events since an instant reads no older ones")
    func eventsSince() throws {
        let folder = try TemporaryFolder()
        let store = try MirrorStore(path: folder.file("mirror.db"))
        let sql = MirrorQuery.events(since: testNow, invite: nil, kind: nil).sql
        let plan = try store.access { try $0.texts("EXPLAIN QUERY PLAN \(sql)") }.joined(separator: "\n")
        #expect(plan.contains("USING INDEX invite_event_by_time"), "\(plan)")
    }
}
