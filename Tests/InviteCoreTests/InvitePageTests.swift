import Testing

@testable import InviteCore

@Suite("A page of List Invites")
struct InvitePageTests {
    private static func page(_ text: String) throws -> InvitePage {
        try InvitePage(decoding: Array(text.utf8))
    }

    /// The example of the API's reference, List Invites.
    private static let example = """
        {
          "data": [
            {
              "id": "invite_015gWxCN9Hfg2QhZwTK7Mdeu",
              "email": "user@emaildomain.com",
              "expires_at": "2024-11-20T23:58:27.427722Z",
              "invited_at": "2024-10-30T23:58:27.427722Z",
              "role": "user",
              "status": "pending",
              "type": "invite"
            }
          ],
          "first_id": "first_id",
          "has_more": true,
          "last_id": "last_id"
        }
        """

    @Test("of the documentation keeps its microseconds, and its placeholder names no invite")
    func documentation() throws {
        let page = try Self.page(Self.example)
        #expect(page.hasMore && page.lastID == .unsaid && page.invites.count == 1)
        let invite = try #require(page.invites.first)
        #expect(invite.id == "invite_015gWxCN9Hfg2QhZwTK7Mdeu" && invite.irregularities == 0)
        #expect(
            InviteColumns(of: invite.document)
                == InviteColumns(
                    email: "user@emaildomain.com", role: "user", status: "pending",
                    invitedAt: "2024-10-30T23:58:27.427722Z", expiresAt: "2024-11-20T23:58:27.427722Z"))
        #expect(
            invite.document.text == """
                {"email":"user@emaildomain.com","expires_at":"2024-11-20T23:58:27.427722Z",\
                "id":"invite_015gWxCN9Hfg2QhZwTK7Mdeu","invited_at":"2024-10-30T23:58:27.427722Z","role":"user",\
                "status":"pending","type":"invite"}
                """)
    }

    @Test(
        "is told from what is none, by a sentence",
        arguments: [
            ("", "it is not JSON at byte 0: it ends too early"),
            ("upstream says hello", "it is not JSON at byte 0: a value was expected"),
            ("<!doctype html>", "it is not JSON at byte 0: a value was expected"),
            (#"{"data":[],"has_more":false}x"#, "it is not JSON at byte 28: something follows the value"),
            (#"{"data":[],"has_more":fal"#, "it is not JSON at byte 22: it ends too early"),
            ("[]", "it is no JSON object"), ("null", "it is no JSON object"), (#""data""#, "it is no JSON object"),
            ("{}", "it has no `data`"), (#"{"has_more":false}"#, "it has no `data`"),
            (#"{"data":[]}"#, "it has no `has_more`"), (#"{"data":{},"has_more":false}"#, "its `data` is not an array"),
            (#"{"data":null,"has_more":false}"#, "its `data` is not an array"),
            (#"{"data":[],"has_more":"yes"}"#, "its `has_more` is not a boolean"),
            (#"{"data":[],"has_more":null}"#, "its `has_more` is not a boolean"),
            (#"{"data":[],"has_more":0}"#, "its `has_more` is not a boolean"),
            (#"{"data":[],"data":[],"has_more":false}"#, "it has two `data`"),
            (#"{"data":[],"has_more":false,"has_more":false}"#, "it has two `has_more`"),
            (#"{"last_id":null,"data":[],"has_more":false,"last_id":null}"#, "it has two `last_id`"),
            (#"{"data":[1],"has_more":false}"#, "invite 1 of `data`: it is no JSON object"),
            (#"{"data":[{"id":"a"},{}],"has_more":false}"#, Self.noID(2)),
            (#"{"data":[{"id":""}],"has_more":false}"#, Self.noID(1)),
            (#"{"data":[{"id":42}],"has_more":false}"#, Self.noID(1)),
            (#"{"data":[{"id":null}],"has_more":false}"#, Self.noID(1)),
            (#"{"data":[{"ID":"a"}],"has_more":false}"#, Self.noID(1)),
        ])
    func noPage(text: String, sentence: String) {
        #expect(throws: UndecodableAnswer(description: sentence)) { try Self.page(text) }
    }

    private static func noID(_ number: Int) -> String {
        "invite \(number) of `data`: its `id` is missing or not a non-empty string"
    }

    @Test("is no page if it is not UTF-8")
    func badUTF8() {
        #expect(throws: UndecodableAnswer(description: "it is not JSON at byte 0: it is not UTF-8")) {
            try InvitePage(
                decoding: Array("{\"data\":[],\"has_more\":false,\"x\":\"".utf8) + [0xFF] + Array("\"}".utf8))
        }
    }

    @Test(
        "says what its last id is, or nothing",
        arguments: [
            ("", InvitePage.LastID.unsaid), (#","last_id":null"#, .none), (#","last_id":"last_id""#, .unsaid),
            (#","last_id":"invite_1""#, .id("invite_1")), (#","last_id":42"#, .id("42")), (#","last_id":"""#, .id("")),
        ])
    func lastID(member: String, expected: InvitePage.LastID) throws {
        #expect(try Self.page(#"{"data":[],"has_more":false\#(member)}"#).lastID == expected)
    }

    @Test("may have members that nobody knows, in any order")
    func unknownMembers() throws {
        let page = try Self.page(#"{"x":{"data":1},"has_more":true,"\u0064ata":[{"id":"a","x":[1]}],"y":null}"#)
        #expect(page.hasMore && page.invites.map(\.document.text) == [#"{"id":"a","x":[1]}"#])
    }

    @Test(
        "counts what of an invite is not as documented",
        arguments: [
            ([:], 0), (["email": nil], 1), (["email": "null"], 1), (["email": "42"], 1), (["role": #""wizard""#], 1),
            (["role": #""managed""#], 0), (["role": #""claude_code_user""#], 0), (["status": #""declined""#], 1),
            (["status": #""deleted""#], 0), (["type": #""user""#], 1), (["invited_at": #""soon""#], 1),
            (["expires_at": "1730332707"], 1), (["expires_at": #""2024-11-20T23:58:27.4277229+01:00""#], 0),
            (["accepted_at": "null", "rbac_group_ids": "[]"], 0), (["email": nil, "role": nil, "type": nil], 3),
            (
                ["email": nil, "role": nil, "type": nil, "status": nil, "invited_at": nil, "expires_at": nil],
                6
            ),
        ] as [([String: String?], Int)])
    func irregularities(changes: [String: String?], count: Int) throws {
        #expect(try seen(changes).irregularities == count)
    }

    @Test("counts a name that stands twice, at any depth")
    func repeatedNames() throws {
        let text = #"{"id":"b","x":{"y":1,"y":2},"id":"a"}"#
        let invite = try SeenInvite(decoding: Array(text.utf8))
        #expect(invite.id == "a" && invite.document.text == #"{"id":"a","x":{"y":2}}"#)
        #expect(invite.irregularities == 6 + 2)
    }

    @Test(
        "holds dates in their canonical spelling in the columns, and everything else as it came",
        arguments: [
            ("invited_at", #""2024-10-31T00:58:27.4277229+01:00""#, "2024-10-30T23:58:27.427722Z"),
            ("invited_at", #""soon""#, "soon"), ("expires_at", "null", nil), ("expires_at", "17", "17"),
            ("expires_at", #"["2024-10-31T00:58:27Z"]"#, #"["2024-10-31T00:58:27Z"]"#), ("email", #""""#, ""),
            ("status", #""2024-10-31T00:58:27+01:00""#, "2024-10-31T00:58:27+01:00"), ("role", nil, nil),
        ])
    func columns(name: String, json: String?, expected: String?) throws {
        let field = try #require(InviteColumns.Field(rawValue: name))
        #expect(InviteColumns(of: try seen([name: json]).document)[field] == expected)
    }
}
