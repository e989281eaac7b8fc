import AdminAPISimulator
import Foundation
import InviteCore
import Testing

let testNow = Timestamp(rfc3339: "2026-05-04T10:20:30.123456Z")!
let testSecret = "a secret of the tests"

extension Duration {
    static func days(_ count: Int) -> Duration { .seconds(count * 86400) }
}

extension SimulatedAPI {
    /// An API over an organisation in which nothing happens by itself but expiry.
    static func still(invites: Int, modes: Modes = Modes(), faults: FaultPlan = FaultPlan()) -> SimulatedAPI {
        let organization = SimulatedOrganization(
            seed: 42, invites: invites, now: testNow, livesOn: false, keepsHistory: true)
        return SimulatedAPI(organization: organization, secret: testSecret, modes: modes, faults: faults)
    }

    /// Asks with the right secret and version.
    mutating func ask(
        _ method: String = "GET", _ id: String? = nil, query: [(name: String, value: String)] = [], body: String = ""
    ) -> SimulatedAnswer {
        answer(
            SimulatedRequest(
                method: method, path: Self.invitesPath + (id.map { "/" + $0 } ?? ""), query: query,
                headers: SimulatedRequest.rightHeaders, body: Array(body.utf8)))
    }

    /// Pages through the listing from the top.
    mutating func listed(limit: Int = 1000) throws -> [Page.Invite] {
        var invites: [Page.Invite] = []
        var query = [(name: "limit", value: "\(limit)")]
        for _ in 0..<10_000 {
            let page = try Page(ask(query: query))
            invites += page.data
            guard page.hasMore, let last = page.lastId else { return invites }
            query = [("limit", "\(limit)"), ("after_id", last)]
        }
        Issue.record("the listing does not end")
        return invites
    }
}

extension SimulatedRequest {
    static let rightHeaders = [
        (name: "x-api-key", value: testSecret), (name: "anthropic-version", value: "2023-06-01"),
    ]
}

/// A page as a client reads it.
struct Page: Decodable {
    struct Invite: Decodable, Hashable {
        var id: String
        var email: String
        var status: String
        var expiresAt: String
    }

    var data: [Invite]
    var firstId: String?
    var lastId: String?
    var hasMore: Bool

    init(_ answer: SimulatedAnswer) throws {
        #expect(answer.status == 200)
        self = try snakeCaseDecoder().decode(Page.self, from: Data(answer.body))
    }

    var ids: [String] { data.map(\.id) }
}

/// The envelope of an error.
struct Envelope: Decodable {
    struct Inner: Decodable {
        var type: String
        var message: String
    }

    var type: String
    var error: Inner
    var requestId: String

    init(_ answer: SimulatedAnswer) throws {
        self = try snakeCaseDecoder().decode(Envelope.self, from: Data(answer.body))
    }
}

private func snakeCaseDecoder() -> JSONDecoder {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return decoder
}

func text(_ answer: SimulatedAnswer) -> String {
    String(decoding: answer.body, as: UTF8.self)
}
