import AdminAPISimulator
import Foundation
import InviteCore
import InviteMirror
import Testing

@Suite("A pass that goes wrong")
struct SyncFailureTests {
    @Test(
        "starts its listing again when pages contradict each other",
        arguments: [
            Malformation.idTwiceInPage, .wrongLastID, .emptyPageWithMore, .idFromEarlierPage,
            .cursorThatNeverAdvances,
        ], [1, 3])
    func restarts(kind: Malformation, times: Int) async throws {
        try await Mirror.with(.still(invites: 25)) { mirror in
            await mirror.change { api in for _ in 0..<times { api.faults.enqueue(.malformed(kind)) } }
            let result = try await mirror.pass()
            #expect(result.failure == nil && result.record.counts.listed == 25 && result.record.counts.appeared == 25)
            #expect(result.record.counts.pages > 3)
            #expect(try await mirror.matchesListing())
            #expect(try mirror.verification().passed)
        }
    }

    @Test(
        "gives up after three new starts, and leaves all as it was",
        arguments: [
            Malformation.idTwiceInPage, .wrongLastID, .emptyPageWithMore, .idFromEarlierPage,
            .cursorThatNeverAdvances,
        ])
    func givesUp(kind: Malformation) async throws {
        try await Mirror.with(.still(invites: 25)) { mirror in
            try await mirror.pass()
            let before = try mirror.contents()
            await mirror.change { api in
                let id = api.organization.newestFirst[0].id
                api.organization.setField(id: id, "role", #""admin""#)
                api.faults.standing = .malformed(kind)
            }
            let result = try await mirror.pass()
            #expect(result.failure?.exitStatus == .data && result.record.outcome == .incomplete)
            #expect(result.record.error?.contains("contradicts itself") == true)
            #expect(try mirror.contents() == before)
        }
    }

    @Test("comes right with a cursor that dies between two pages", arguments: Modes.DeadCursor.allCases)
    func deadCursor(mode: Modes.DeadCursor) async throws {
        var api = SimulatedAPI.still(invites: 25)
        api.modes.deadCursor = mode
        try await Mirror.with(api) { mirror in
            await mirror.change { api in
                let id = api.organization.newestFirst[9].id
                api.faults.enqueue(.none, .mutation { $0.purge(id: id) })
            }
            let result = try await mirror.pass()
            #expect(result.failure == nil && result.record.counts.listed == 24)
            #expect(try await mirror.matchesListing())
        }
    }

    @Test("takes a listing whose last page is empty the second time")
    func emptyLastPage() async throws {
        var api = SimulatedAPI.still(invites: 25)
        api.modes.deadCursor = .emptyLastPage
        try await Mirror.with(api) { mirror in
            // The invite that a page ended with is gone when its cursor comes back, in both listings.
            await mirror.change { api in
                let ids = api.organization.newestFirst.map(\.id)
                api.faults.enqueue(
                    .none, .none, .mutation { $0.purge(id: ids[19]) }, .none, .none, .mutation { $0.purge(id: ids[20]) }
                )
            }
            let result = try await mirror.pass()
            #expect(result.record.outcome == .complete && result.record.counts.listed == 20)
            #expect(result.record.counts.pages == 6)
        }
    }

    @Test(
        "is told to the operator by the exit code",
        arguments: [
            (Fault.status(400), 65, 1), (.status(404), 65, 1), (.status(401), 77, 1), (.status(403), 77, 1),
            (.status(402), 69, 1), (.status(500), 69, 4), (.status(529), 69, 4), (.status(429), 69, 4),
            (.status(500, shouldRetry: false), 69, 1), (.redirect(307, location: "http://127.0.0.1:1/"), 69, 1),
            (.redirect(301, location: "/v1/organizations/invites"), 69, 1), (.delivery(.reset), 69, 4),
            (.delivery(.truncated(bytes: 40)), 69, 4), (.malformed(.notJSON), 65, 1), (.malformed(.emptyBody), 65, 1),
            (.malformed(.htmlBody), 65, 1), (.malformed(.truncatedJSON), 65, 1), (.malformed(.invalidUTF8), 65, 1),
            (.malformed(.inviteWithoutID), 65, 1), (.malformed(.emptyID), 65, 1), (.malformed(.numericID), 65, 1),
            (.malformed(.dataNotArray), 65, 1), (.malformed(.hasMoreMissing), 65, 1),
            (.malformed(.hasMoreNotBoolean), 65, 1), (.organizationHeader("another"), 75, 1),
        ])
    func exitStatus(fault: Fault, status: Int32, requests: Int) async throws {
        try await Mirror.with(.still(invites: 5)) { mirror in
            try await mirror.pass()
            let before = try mirror.contents()
            await mirror.change { $0.faults.standing = fault }
            let result = try await mirror.pass()
            #expect(result.failure?.exitStatus.rawValue == status, "\(result.failure?.description ?? "")")
            #expect(result.record.counts.requests == requests && result.record.counts.retries == requests - 1)
            #expect(result.record.outcome == (status == 75 ? .refused : .incomplete))
            #expect(result.record.error == result.failure?.description)
            #expect(result.record.error?.contains(testSecret) == false)
            #expect(try mirror.contents() == before)
            let row = "SELECT outcome, requests, retries, error FROM sync_pass ORDER BY id DESC LIMIT 1"
            let expected = "\(result.record.outcome)|\(requests)|\(requests - 1)|\(result.record.error ?? "")"
            #expect(try mirror.rows(row) == [expected])
            await mirror.change { $0.faults.standing = nil }
            #expect(try await mirror.pass().record.outcome == .complete)
        }
    }

    @Test("loses its scope, and records nothing but that", arguments: Modes.MissingScope.allCases)
    func missingScope(mode: Modes.MissingScope) async throws {
        try await Mirror.with(.still(invites: 5)) { mirror in
            try await mirror.pass()
            let before = try mirror.contents()
            await mirror.change { $0.modes.missingScope = mode }
            let result = try await mirror.pass()
            let expected: [Modes.MissingScope: InviteMirror.ExitStatus] = [
                .unauthorized: .credential, .forbidden: .credential, .notFound: .data, .emptyList: .refused,
            ]
            #expect(result.failure?.exitStatus == expected[mode], "\(result.failure?.description ?? "")")
            #expect(try mirror.contents() == before)
            await mirror.change { $0.modes.missingScope = nil }
            #expect(try await mirror.pass().record.outcome == .complete)
            #expect(try mirror.contents() == before)
        }
    }

    @Test("gets over what passes, and counts it", arguments: FaultPlan.passing.indices)
    func passing(index: Int) async throws {
        let fault = FaultPlan.passing[index]
        try await Mirror.with(.still(invites: 25)) { mirror in
            await mirror.change { $0.faults.enqueue(.none, fault) }
            let result = try await mirror.pass()
            let isSlow = if case .delivery(.slow) = fault { true } else { false }
            #expect(result.record.outcome == .complete && result.record.counts.retries == (isSlow ? 0 : 1))
            #expect(result.record.counts.requests == 3 + result.record.counts.retries)
        }
    }

    @Test("remembers when to come back, and asks nothing before")
    func comesBack() async throws {
        try await Mirror.with(.still(invites: 5)) { mirror in
            await mirror.change { $0.faults.enqueue(.status(429, retryAfter: .seconds(3600))) }
            let result = try await mirror.pass()
            #expect(result.failure?.exitStatus == .unavailable && result.record.counts.requests == 1)
            let asked = await mirror.server.requestCounts.values.reduce(0, +)
            let failure = await #expect(throws: Failure.self) { try await mirror.pass() }
            #expect(failure?.exitStatus == .unavailable)
            #expect(await mirror.server.requestCounts.values.reduce(0, +) == asked)
            #expect(try mirror.rows("SELECT count(*) FROM sync_pass") == ["1"])
            mirror.clock.move(by: .seconds(3600))
            #expect(try await mirror.pass().record.outcome == .complete)
            #expect(try mirror.rows("SELECT count(*) FROM api_pause") == ["0"])
        }
    }

    @Test("is refused when the listing lacks too much, until the operator accepts it", arguments: [0, 9])
    func refused(left: Int) async throws {
        try await Mirror.with(.forgetful(invites: 0)) { mirror in
            let ids = await mirror.server.withAPI { api in
                (0..<20).map { api.organization.create(email: "x\($0)@example.com", role: "user").id }
            }
            try await mirror.pass()
            let before = try mirror.contents()
            await mirror.change { api in for id in ids[left...] { api.organization.delete(id: id) } }
            let result = try await mirror.pass()
            #expect(result.failure?.exitStatus == .refused && result.record.outcome == .refused)
            #expect(try mirror.contents() == before)
            let accepted = try await mirror.pass(acceptsRemovals: true)
            #expect(accepted.record.outcome == .complete && accepted.record.counts.vanished == 20 - left)
            #expect(try await mirror.matchesListing())
            #expect(try mirror.verification().passed)
        }
    }

    @Test("is refused when two organisations answer in it, and not when none is named")
    func organisations() async throws {
        try await Mirror.with(.still(invites: 25)) { mirror in
            await mirror.change { $0.faults.enqueue(.organizationHeader("one"), .organizationHeader("two")) }
            let mixed = try await mirror.pass()
            #expect(mixed.failure?.exitStatus == .refused && mixed.record.counts.requests == 2)
            #expect(try mirror.contents().isEmpty)
            await mirror.change { $0.modes.organizationHeader = .absent }
            let nameless = try await mirror.pass()
            #expect(nameless.record.outcome == .complete && nameless.record.organizationID == nil)
            await mirror.change { $0.modes.organizationHeader = .own }
            let named = try await mirror.pass()
            #expect(named.record.outcome == .complete && named.record.organizationID != nil)
            await mirror.change { $0.modes.organizationHeader = .another("other") }
            #expect(try await mirror.pass(acceptsRemovals: true).record.outcome == .refused)
        }
    }
}
