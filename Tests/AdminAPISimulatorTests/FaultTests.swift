import AdminAPISimulator
import Foundation
import InviteCore
import Testing

@Suite("The faults")
struct FaultTests {
    private static func api(_ faults: Fault..., invites: Int = 5) -> SimulatedAPI {
        var plan = FaultPlan()
        for fault in faults { plan.enqueue(fault) }
        return SimulatedAPI.still(invites: invites, faults: plan)
    }

    @Test(
        "answer errors with their type, once",
        arguments: [
            (400, "invalid_request_error"), (401, "authentication_error"), (402, "billing_error"),
            (403, "permission_error"), (404, "not_found_error"), (408, "timeout_error"), (409, "conflict_error"),
            (429, "rate_limit_error"), (500, "api_error"), (502, "api_error"), (503, "api_error"),
            (504, "timeout_error"), (529, "overloaded_error"),
        ])
    func statuses(status: Int, type: String) throws {
        var api = Self.api(.status(status))
        let answer = api.ask()
        #expect(answer.status == status && answer.header("retry-after") == nil)
        #expect(try Envelope(answer).error.type == type)
        #expect(answer.header("request-id") != nil && answer.header("x-should-retry") == nil)
        #expect(api.ask().status == 200)
    }

    @Test(
        "say when to come again in every form",
        arguments: [
            (Fault.RetryAfter.seconds(7), "retry-after", "7"), (.milliseconds(250), "retry-after-ms", "250"),
            (.dateAfter(.seconds(30)), "retry-after", "Mon, 04 May 2026 10:21:00 GMT"),
            (.date(Timestamp(rfc3339: "2024-02-29T00:00:01Z")!), "retry-after", "Thu, 29 Feb 2024 00:00:01 GMT"),
            (.absurdlyLong, "retry-after", "31536000"), (.verbatim("soon"), "retry-after", "soon"),
        ])
    func retryAfter(form: Fault.RetryAfter, name: String, value: String) {
        var api = Self.api(.status(429, retryAfter: form))
        #expect(api.ask().header(name) == value)
    }

    @Test("say whether to try again", arguments: [true, false])
    func shouldRetry(_ value: Bool) {
        var api = Self.api(.status(500, shouldRetry: value))
        #expect(api.ask().header("x-should-retry") == "\(value)")
    }

    @Test("redirect", arguments: [301, 302, 307, 308])
    func redirect(status: Int) {
        var api = Self.api(.redirect(status, location: "http://127.0.0.1:1/elsewhere"))
        let answer = api.ask()
        #expect(answer.status == status && answer.header("location") == "http://127.0.0.1:1/elsewhere")
    }

    @Test("do not carry out what they refuse, and do what they lose the answer of")
    func effects() {
        let body = #"{"email":"a@example.com","role":"user"}"#
        var api = Self.api(.status(500), .delivery(.reset), invites: 0)
        #expect(api.ask("POST", body: body).status == 500 && api.organization.count == 0)
        #expect(api.ask("POST", body: body).delivery == .reset && api.organization.count == 1)
    }

    @Test("name another organisation, or none")
    func organization() {
        var api = Self.api(.organizationHeader("other"), .organizationHeader(nil))
        #expect(api.ask().header("anthropic-organization-id") == "other")
        #expect(api.ask().header("anthropic-organization-id") == nil)
        #expect(api.ask().header("anthropic-organization-id") == api.organization.organizationID)
    }

    @Test("change the organisation between two requests")
    func mutation() throws {
        var api = Self.api(.none, .mutation { $0.create(email: "a@example.com", role: "user") }, invites: 3)
        let first = try Page(api.ask(query: [("limit", "2")]))
        let second = try Page(api.ask(query: [("limit", "2"), ("after_id", first.lastId ?? "")]))
        #expect(first.data.count == 2 && second.data.count == 1 && api.organization.count == 4)
    }

    @Test("wait for a request that they can show themselves in")
    func waiting() throws {
        var api = SimulatedAPI.still(invites: 5)
        api.faults.enqueue(.status(503), on: .get)
        api.faults.enqueue(.malformed(.cursorThatNeverAdvances), .malformed(.hasMoreMissing))
        #expect(text(api.ask()).contains("has_more") == false)
        let id = api.organization.newestFirst[0].id
        #expect(api.ask("GET", id).status == 503 && api.faults.pending == 1)
        #expect(try Page(api.ask(query: [("after_id", id)])).lastId == id)
        #expect(api.faults.pending == 0)
    }

    @Test("stand until they are lifted")
    func standing() {
        var api = SimulatedAPI.still(invites: 1)
        api.faults.standing = .status(529)
        api.faults.enqueue(.none)
        let statuses = (0..<3).map { _ in api.ask().status }
        #expect(statuses == [200, 529, 529])
        api.faults.standing = nil
        #expect(api.ask().status == 200)
    }

    @Test("come by chance, the same for the same seed", arguments: [0.0, 0.3, 1.0])
    func chance(probability: Double) {
        func statuses(_ seed: UInt64) -> [Int] {
            let plan = FaultPlan(seed: seed, probability: probability, faults: [.status(500), .status(429)])
            var api = SimulatedAPI.still(invites: 1, faults: plan)
            return (0..<200).map { _ in api.ask().status }
        }
        let drawn = statuses(1)
        #expect(drawn == statuses(1))
        let failed = Double(drawn.filter { $0 != 200 }.count) / 200
        #expect(abs(failed - probability) < 0.12)
        if probability == 0.3 { #expect(drawn != statuses(2)) }
    }

    @Test("spoil pages in every way", arguments: Malformation.allCases)
    func malformed(kind: Malformation) throws {
        var api = SimulatedAPI.still(invites: 9)
        let ids = api.organization.newestFirst.map(\.id)
        api.faults.enqueue(.malformed(kind))
        let answer = api.ask(query: [("limit", "3"), ("after_id", ids[2])])
        #expect(answer.status == 200)
        let body = text(answer)
        let object = try? JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any]
        let data = object?["data"] as? [[String: Any]]
        let page = try? Page(answer)
        switch kind {
        case .notJSON, .truncatedJSON: #expect(object == nil && !body.isEmpty)
        case .emptyBody: #expect(body.isEmpty)
        case .htmlBody: #expect(body.hasPrefix("<!doctype") && answer.header("content-type") == "text/html")
        case .invalidUTF8: #expect(String(validating: answer.body, as: UTF8.self) == nil)
        case .inviteWithoutID: #expect(data?.count == 3 && data?[0]["id"] == nil && data?[1]["id"] != nil)
        case .emptyID: #expect(data?[0]["id"] as? String == "")
        case .numericID: #expect(data?[0]["id"] as? Int == 42)
        case .dataNotArray: #expect(object?["data"] is [String: Any])
        case .hasMoreMissing: #expect(object != nil && object?["has_more"] == nil)
        case .hasMoreNotBoolean: #expect(object?["has_more"] as? String == "yes")
        case .idTwiceInPage: #expect(page?.ids == [ids[3], ids[3], ids[4], ids[5]])
        case .wrongLastID: #expect(page?.lastId?.isEmpty == false && page?.lastId != page?.ids.last)
        case .emptyPageWithMore: #expect(page?.ids == [] && page?.hasMore == true)
        case .idFromEarlierPage: #expect(page?.ids == Array(ids[2...5]))
        case .cursorThatNeverAdvances: #expect(page?.lastId == ids[2] && page?.hasMore == true)
        }
        #expect(try Page(api.ask(query: [("limit", "3"), ("after_id", ids[2])])).ids == Array(ids[3...5]))
    }
}
