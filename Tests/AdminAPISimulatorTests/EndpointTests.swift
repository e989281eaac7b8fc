import AdminAPISimulator
import InviteCore
import Testing

@Suite("The endpoints")
struct EndpointTests {
    @Test("list every invite once, forwards", arguments: [0, 1, 2, 19, 20, 21, 100], [1, 2, 20, 99, 1000])
    func forwards(count: Int, limit: Int) throws {
        var api = SimulatedAPI.still(invites: count)
        let listed = try api.listed(limit: limit)
        #expect(listed.map(\.id) == api.organization.newestFirst.map(\.id))
        #expect(listed.map(\.status) == api.organization.newestFirst.map(\.status.rawValue))
    }

    @Test("list every invite once, backwards", arguments: [1, 2, 19, 20, 21, 100], [1, 2, 20, 99, 1000])
    func backwards(count: Int, limit: Int) throws {
        var api = SimulatedAPI.still(invites: count)
        let all = api.organization.newestFirst.map(\.id)
        var pages: [[String]] = [[all[count - 1]]]
        var hasMore = true
        while hasMore, let first = pages.last?.first {
            let page = try Page(api.ask(query: [("before_id", first), ("limit", "\(limit)")]))
            #expect(page.firstId == page.ids.first && page.lastId == page.ids.last)
            hasMore = page.hasMore
            if page.ids.isEmpty { break }
            pages.append(page.ids)
        }
        #expect(pages.reversed().flatMap(\.self) == all)
    }

    @Test("list what the API says that a listing shows")
    func listing() {
        var modes = Modes()
        modes.listsDeleted = false
        var api = SimulatedAPI.still(invites: 100, modes: modes)
        let shown = api.listing
        #expect(shown.count == api.organization.newestFirst.filter { $0.status != .deleted }.count)
        let documents = shown.map(api.document(of:)).joined(separator: ",")
        #expect(text(api.ask(query: [("limit", "1000")])).hasPrefix(#"{"data":[\#(documents)],"#))
    }

    @Test("answer the same bytes for the same seed, in every version")
    func pinned() {
        func bytes(_ seed: UInt64) -> [UInt8] {
            let organization = SimulatedOrganization(seed: seed, invites: 400, now: testNow)
            var api = SimulatedAPI(organization: organization, secret: testSecret)
            let before = api.ask(query: [("limit", "1000")]).body
            api.organization.wind(to: testNow + .days(30))
            return before + api.ask(query: [("limit", "1000")]).body
        }
        #expect(bytes(1) == bytes(1) && bytes(1) != bytes(2))
        let hash = bytes(1).reduce(UInt64(14_695_981_039_346_656_037)) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }
        // FNV-1a of seed 1: a seed that somebody wrote down must go on meaning the same.
        #expect(hash == 8_978_352_901_253_264_644)
    }

    @Test("say null for the ids of an empty page")
    func emptyPage() {
        var api = SimulatedAPI.still(invites: 0)
        #expect(text(api.ask()) == #"{"data":[],"first_id":null,"has_more":false,"last_id":null}"#)
    }

    @Test("take 20 invites for a page by default")
    func defaultLimit() throws {
        var api = SimulatedAPI.still(invites: 50)
        let page = try Page(api.ask())
        #expect(page.data.count == 20 && page.hasMore)
        #expect(page.firstId == page.ids.first && page.lastId == page.ids.last)
    }

    @Test(
        "refuse limits out of 1…1000, and two cursors",
        arguments: [
            [("limit", "0")], [("limit", "1001")], [("limit", "-1")], [("limit", "ten")], [("limit", "")],
            [("limit", "1.5")], [("after_id", "a"), ("before_id", "b")],
        ])
    func badQuery(query: [(String, String)]) throws {
        var api = SimulatedAPI.still(invites: 3)
        let answer = api.ask(query: query.map { (name: $0.0, value: $0.1) })
        #expect(answer.status == 400)
        #expect(try Envelope(answer).error.type == "invalid_request_error")
    }

    @Test("spell an invite with the fields of the documentation, in their order")
    func document() throws {
        var api = SimulatedAPI.still(invites: 0)
        let invite = api.organization.create(email: "user@example.com", role: "user")
        let expected =
            #"{"id":"\#(invite.id)","email":"user@example.com","expires_at":"2026-05-25T10:20:30.123456Z","#
            + #""invited_at":"2026-05-04T10:20:30.123456Z","role":"user","status":"pending","type":"invite"}"#
        #expect(text(api.ask("GET", invite.id)) == expected)
        #expect(
            text(api.ask())
                == #"{"data":[\#(expected)],"first_id":"\#(invite.id)","has_more":false,"last_id":"\#(invite.id)"}"#)
    }

    @Test("create an invite and answer it")
    func create() throws {
        var api = SimulatedAPI.still(invites: 3)
        let answer = api.ask("POST", body: #"{"email":"new \"quoted\"@example.com","role":"developer"}"#)
        #expect(answer.status == 400)
        let created = api.ask("POST", body: #"{"email":"new@example.com","role":"developer","extra":[]}"#)
        #expect(created.status == 200)
        let invite = try #require(api.organization.newestFirst.first)
        #expect(invite.email == "new@example.com" && invite.role == "developer" && invite.status == .pending)
        #expect(created.body == api.ask("GET", invite.id).body)
        #expect(try api.listed().first?.id == invite.id)
    }

    @Test(
        "refuse to create nonsense",
        arguments: [
            "", "[]", "{", #"{"email":"a@example.com"}"#, #"{"role":"user"}"#,
            #"{"email":"a@example.com","role":"admin"}"#, #"{"email":"a@example.com","role":"emperor"}"#,
            #"{"email":"nobody","role":"user"}"#, #"{"email":"a@b","role":"user"}"#,
            #"{"email":"@example.com","role":"user"}"#, #"{"email":7,"role":"user"}"#,
        ])
    func badCreate(body: String) throws {
        var api = SimulatedAPI.still(invites: 0)
        let answer = api.ask("POST", body: body)
        #expect(answer.status == 400)
        #expect(try Envelope(answer).error.type == "invalid_request_error")
        #expect(api.organization.count == 0)
    }

    @Test("delete pending invites and no others")
    func delete() throws {
        var api = SimulatedAPI.still(invites: 100)
        for invite in api.organization.newestFirst {
            let answer = api.ask("DELETE", invite.id)
            if invite.status == .pending {
                #expect(answer.status == 200)
                #expect(text(answer) == #"{"id":"\#(invite.id)","type":"invite_deleted"}"#)
                #expect(api.organization[invite.id]?.status == .deleted)
            } else {
                #expect(answer.status == 400)
                #expect(api.organization[invite.id] == invite)
            }
        }
        #expect(api.ask("DELETE", "invite_unknown").status == 404)
    }

    @Test(
        "answer 404 to unknown paths and 405 to wrong methods",
        arguments: [
            ("GET", "/v1/organizations/users", 404, "not_found_error"), ("GET", "/", 404, "not_found_error"),
            ("GET", "/v1/organizations/invites/", 404, "not_found_error"),
            ("GET", "/v1/organizations/invites/a/b", 404, "not_found_error"),
            ("GET", "/v1/organizations/invites/a", 404, "not_found_error"),
            ("PUT", "/v1/organizations/invites", 405, "invalid_request_error"),
            ("PATCH", "/v1/organizations/invites/a", 405, "invalid_request_error"),
            ("GET", "/proxy/base/v1/organizations/invites", 200, ""),
        ])
    func paths(method: String, path: String, status: Int, type: String) throws {
        var api = SimulatedAPI.still(invites: 1)
        let answer = api.answer(
            SimulatedRequest(method: method, path: path, headers: SimulatedRequest.rightHeaders))
        #expect(answer.status == status)
        if status != 200 { #expect(try Envelope(answer).error.type == type) }
    }

    @Test(
        "want the right secret, in one of two headers, and a version",
        arguments: [
            (["x-api-key": testSecret, "anthropic-version": "1"], 200),
            (["X-API-Key": testSecret, "Anthropic-Version": "1"], 200),
            (["authorization": "Bearer " + testSecret, "anthropic-version": "1"], 200),
            (["authorization": "bearer " + testSecret, "anthropic-version": "1"], 200),
            (["x-api-key": "another", "anthropic-version": "1"], 401),
            (["authorization": "Bearer another", "anthropic-version": "1"], 401),
            (["authorization": testSecret, "anthropic-version": "1"], 401),
            (["anthropic-version": "1"], 401), ([:], 401), (["x-api-key": testSecret], 400),
        ])
    func authentication(headers: [String: String], status: Int) throws {
        var api = SimulatedAPI.still(invites: 1)
        let answer = api.answer(SimulatedRequest(headers: headers.map { ($0.key, $0.value) }))
        #expect(answer.status == status)
        if status == 401 { #expect(try Envelope(answer).error.type == "authentication_error") }
    }

    @Test("name each request once, in the header and in the envelope, the same for the same seed")
    func requestIDs() throws {
        var ids: [[String]] = []
        for _ in 0..<2 {
            var api = SimulatedAPI.still(invites: 1)
            let answers = [api.ask(), api.ask("GET", "x"), api.ask("DELETE", "x")]
            ids.append(answers.compactMap { $0.header("request-id") })
            #expect(try Envelope(answers[1]).requestId == ids.last?[1])
            #expect(answers.allSatisfy { $0.header("content-type") == "application/json" })
            #expect(
                answers.allSatisfy { $0.header("anthropic-organization-id") == api.organization.organizationID })
        }
        #expect(ids[0] == ids[1] && Set(ids[0]).count == 3 && ids[0].allSatisfy { $0.hasPrefix("req_") })
    }
}
