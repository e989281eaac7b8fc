import InviteMirror
import Testing

extension HostileTests {
    @Suite("A value spelt in another way")
    struct Changes {
        /// What the second answer says, and the events that it gives.
        @Test(
            "is a change where it says something else, and none where it does not",
            arguments: [
                ("x", "1", "1.0", "field_changed|x|1|1.0"), ("x", "0", "-0", "field_changed|x|0|-0"),
                ("x", "1e2", "1E2", "field_changed|x|1e2|1E2"),
                ("x", "9007199254740992", "9007199254740993", "field_changed|x|9007199254740992|9007199254740993"),
                ("x", "1e400", "1e401", "field_changed|x|1e400|1e401"),
                ("x", #""\u0041""#, #""A""#, nil), ("x", #"{"a":1,"b":2}"#, #"{ "b":2 , "a":1 }"#, nil),
                ("x", #"{"a":1}"#, #"{"a":2,"a":1}"#, nil),
                ("x", #""\ud800""#, #""\udbff""#, "field_changed|x|\u{FFFD}|\u{FFFD}"),
                ("x", "null", #""null""#, "field_changed|x|∅|null"),
                ("email", "\"\u{E9}\"", "\"e\u{301}\"", "field_changed|email|\u{E9}|e\u{301}"),
                ("email", #""a""#, #""a\u0000""#, "field_changed|email|a|a\0"),
                ("status", #""pending""#, #""Pending""#, "status_changed|status|pending|Pending"),
                ("status", #""pending""#, #""p\u0065nding""#, nil),
                (
                    "expires_at", #""2024-11-20T23:58:27Z""#, #""2024-11-20T23:58:27.0000009Z""#, nil
                ),
                ("expires_at", #""2024-11-20T23:58:27Z""#, #""2024-11-21T00:58:27.0+01:00""#, nil),
                (
                    "expires_at", #""2024-11-20T23:58:27Z""#, #""2024-11-20T23:58:60Z""#,
                    "field_changed|expires_at|2024-11-20T23:58:27.000000Z|2024-11-20T23:58:60Z"
                ),
            ] as [(String, String, String, String?)])
        func change(field: String, first: String, second: String, event: String?) async throws {
            let mirror = try HostileMirror()
            for json in [first, second, second] {
                let answer = Answer.ok(Sample.page([Sample.invite([field: json])]))
                #expect(try await mirror.pass([answer]).failure == nil)
            }
            let select = "SELECT kind, field, old_value, new_value FROM invite_event WHERE seq > 1"
            #expect(try mirror.rows(select) == [event].compactMap(\.self))
            #expect(try mirror.promisesHold)
        }

        @Test("stays with its name where two names differ in a lone surrogate alone")
        func loneSurrogates() async throws {
            let mirror = try HostileMirror()
            let invites = [
                #"{"id":"a"}"#, #"{"\ud800":1,"\ud801":2,"id":"a"}"#, #"{"\ud800":1,"\ud801":3,"id":"a"}"#,
                #"{"id":"a"}"#, #"{"\ud800":1,"\ud801":3,"\ud802":4,"id":"a","status":"new"}"#,
            ]
            for invite in invites { #expect(try await mirror.pass([.ok(Sample.page([invite]))]).failure == nil) }
            // U+FFFD, as which they read, stands behind every letter.
            let last = #"{"id":"a","status":"new","\ud800":1,"\ud801":3,"\ud802":4}"#
            #expect(try mirror.rows("SELECT document FROM invite") == [last])
            let events = try mirror.rows(
                "SELECT kind, field, old_value, new_value, not_before FROM invite_event WHERE seq > 1")
            let starts = try mirror.rows("SELECT started_at FROM sync_pass")
            #expect(
                events == [
                    "field_changed|\u{FFFD}|2|3|\(starts[1])", "status_changed|status|∅|new|\(starts[3])",
                ])
            #expect(try mirror.rows("SELECT count(*) FROM field_name WHERE name LIKE '\\ud80_'") == ["3"])
            #expect(try mirror.promisesHold)
        }
    }
}
