import AdminAPISimulator
import InviteCore
import Testing

@Suite("The modes")
struct ModeTests {
    private static func modes(_ set: (inout Modes) -> Void) -> Modes {
        var modes = Modes()
        set(&modes)
        return modes
    }

    /// An API with these modes and three pending invites, newest first.
    private static func three(_ set: (inout Modes) -> Void) -> (api: SimulatedAPI, ids: [String]) {
        var api = SimulatedAPI.still(invites: 0, modes: modes(set))
        for number in 0..<3 {
            api.organization.create(email: "p\(number)@example.com", role: "user")
            api.organization.wind(to: api.organization.now + .seconds(1))
        }
        return (api, api.organization.newestFirst.map(\.id))
    }

    @Test("list deleted invites or leave them out, and get them or not", arguments: [true, false], [true, false])
    func deleted(listed: Bool, got: Bool) throws {
        var (api, ids) = Self.three {
            $0.listsDeleted = listed
            $0.getDeleted = got ? .found : .notFound
        }
        #expect(api.ask("DELETE", ids[1]).status == 200)
        #expect(try api.listed(limit: 1).map(\.id) == (listed ? ids : [ids[0], ids[2]]))
        #expect(try api.listed().map(\.status).contains("deleted") == listed)
        let answer = api.ask("GET", ids[1])
        #expect(answer.status == (got ? 200 : 404))
        if got { #expect(text(answer).contains(#""status":"deleted""#)) }
        #expect(api.ask("DELETE", ids[1]).status == (got ? 400 : 404))
    }

    @Test(
        "answer a dead cursor in four ways", arguments: Modes.DeadCursor.allCases, ["after_id", "before_id"])
    func deadCursor(mode: Modes.DeadCursor, name: String) throws {
        var (api, ids) = Self.three { $0.deadCursor = mode }
        api.organization.purge(id: ids[1])
        let answer = api.ask(query: [(name, ids[1])])
        switch mode {
        case .badRequest: #expect(answer.status == 400)
        case .notFound: #expect(answer.status == 404)
        case .emptyLastPage: #expect(try Page(answer).ids.isEmpty && !Page(answer).hasMore)
        case .restartAtTop: #expect(try Page(answer).ids == [ids[0], ids[2]])
        }
    }

    @Test("take a deleted invite that is left out for a dead cursor")
    func leftOutCursor() {
        var (api, ids) = Self.three { $0.listsDeleted = false }
        api.organization.delete(id: ids[1])
        #expect(api.ask(query: [("after_id", ids[1])]).status == 400)
    }

    @Test("turn before pages round", arguments: [false, true])
    func before(reversed: Bool) throws {
        var (api, ids) = Self.three { $0.reversesBeforePages = reversed }
        let page = try Page(api.ask(query: [("before_id", ids[2])]))
        #expect(page.ids == (reversed ? [ids[1], ids[0]] : [ids[0], ids[1]]))
        #expect(page.firstId == page.ids.first && page.lastId == page.ids.last)
    }

    @Test(
        "show declined invites or leave them out",
        arguments: [Modes.Declined.leftOut, .shown(status: "deleted"), .shown(status: "none")])
    func declined(mode: Modes.Declined) throws {
        var (api, ids) = Self.three { $0.declined = mode }
        api.organization.decline(id: ids[0])
        let listed = try api.listed().first
        if case .shown(let status) = mode {
            #expect(listed?.id == ids[0] && listed?.status == status)
            #expect(api.ask("GET", ids[0]).status == 200)
        } else {
            #expect(listed?.id == ids[1])
            #expect(api.ask("GET", ids[0]).status == 404)
        }
    }

    @Test("send again with the same id or with a new one")
    func resending() throws {
        var (api, ids) = Self.three { $0.resending = .sameID }
        api.organization.wind(to: testNow + .days(30))
        #expect(try api.listed().allSatisfy { $0.status == "expired" })
        #expect(api.resend(id: ids[0]) == ids[0])
        #expect(try api.listed().map(\.status) == ["pending", "expired", "expired"])
        #expect(try api.listed().first?.expiresAt == (testNow + .days(51)).description)
        api.modes.resending = .newID
        let resent = api.resend(id: ids[1])
        let fresh = try #require(resent)
        #expect(try api.listed().map(\.id) == [fresh] + ids)
        #expect(try api.listed().map(\.email).first == "p1@example.com")
    }

    @Test("show expiry late")
    func lateExpiry() throws {
        var (api, ids) = Self.three { $0.expiryShownAfter = .seconds(3600) }
        let expiry = try #require(api.organization[ids[0]]).expiresAt
        api.organization.wind(to: expiry + .seconds(3599))
        #expect(api.organization[ids[0]]?.status == .expired)
        #expect(try api.listed().first?.status == "pending")
        #expect(text(api.ask("GET", ids[0])).contains("pending"))
        api.organization.wind(to: expiry + .seconds(3600))
        #expect(try api.listed().first?.status == "expired")
    }

    @Test("forget ended invites after an age, and pending ones never")
    func purging() throws {
        var (api, ids) = Self.three { $0.purgesAfter = .days(2) }
        api.organization.accept(id: ids[0])
        api.organization.wind(to: api.organization.now + .days(2) - .seconds(1))
        #expect(try api.listed().count == 3)
        api.organization.wind(to: api.organization.now + .seconds(1))
        #expect(try api.listed().map(\.id) == [ids[1], ids[2]])
        #expect(api.ask("GET", ids[0]).status == 404)
    }

    @Test("let List and Get lag, each by its own time")
    func lag() throws {
        var (api, ids) = Self.three {
            $0.listLag = .seconds(10)
            $0.getLag = .seconds(5)
        }
        api.organization.wind(to: testNow + .days(1))
        api.organization.accept(id: ids[0])
        api.organization.purge(id: ids[1])
        let fresh = api.organization.create(email: "new@example.com", role: "user").id
        func statuses() throws -> [String] { try api.listed().map(\.status) }
        #expect(try api.listed().map(\.id) == ids)
        #expect(try statuses() == ["pending", "pending", "pending"])
        #expect(text(api.ask("GET", ids[0])).contains("pending"))
        #expect(api.ask("GET", ids[1]).status == 200 && api.ask("GET", fresh).status == 404)
        api.organization.wind(to: api.organization.now + .seconds(5))
        #expect(try statuses() == ["pending", "pending", "pending"])
        #expect(text(api.ask("GET", ids[0])).contains("accepted"))
        #expect(api.ask("GET", ids[1]).status == 404 && api.ask("GET", fresh).status == 200)
        api.organization.wind(to: api.organization.now + .seconds(5))
        #expect(try api.listed().map(\.id) == [fresh, ids[0], ids[2]])
        #expect(try statuses() == ["pending", "accepted", "pending"])
    }

    @Test(
        "refuse a secret without the scope in four ways",
        arguments: [
            (Modes.MissingScope.unauthorized, 401, 401), (.forbidden, 403, 403), (.notFound, 404, 404),
            (.emptyList, 200, 404),
        ])
    func scope(mode: Modes.MissingScope, list: Int, get: Int) throws {
        var (api, ids) = Self.three { $0.missingScope = mode }
        let answer = api.ask()
        #expect(answer.status == list)
        if list == 200 { #expect(try Page(answer).ids.isEmpty) }
        #expect(api.ask("GET", ids[0]).status == get)
        #expect(api.ask("DELETE", ids[0]).status >= 400)
        #expect(api.organization[ids[0]]?.status == .pending)
    }

    @Test("list in any order, page by page", arguments: Modes.Order.allCases, [1, 7, 1000])
    func order(mode: Modes.Order, limit: Int) throws {
        var api = SimulatedAPI.still(invites: 150, modes: Self.modes { $0.order = mode })
        for round in 0..<3 {
            let invites = api.organization.newestFirst
            let newest = invites.map(\.id)
            let expected =
                switch mode {
                case .newestFirst: newest
                case .oldestFirst: Array(newest.reversed())
                case .byID: newest.sorted()
                case .changedFirst: invites.sorted { $0.statusSince > $1.statusSince }.map(\.id)
                case .pendingFirst:
                    invites.filter { $0.status == .pending }.map(\.id)
                        + invites.filter { $0.status != .pending }.map(\.id)
                }
            #expect(try api.listed(limit: limit).map(\.id) == expected)
            let page = try Page(api.ask(query: [("before_id", expected[10]), ("limit", "4")]))
            #expect(page.ids == Array(expected[6..<10]) && page.hasMore)
            api.organization.create(email: "p\(round)@example.com", role: "user")
            api.organization.purge(id: newest[5])
        }
    }

    @Test("add the fields of newer documentation")
    func newerFields() throws {
        var (api, ids) = Self.three {
            $0.showsAcceptedAt = true
            $0.showsRBACGroupIDs = true
        }
        #expect(text(api.ask("GET", ids[0])).hasSuffix(#""type":"invite","accepted_at":null,"rbac_group_ids":[]}"#))
        api.organization.accept(id: ids[0])
        #expect(text(api.ask("GET", ids[0])).contains(#""accepted_at":"\#(api.organization.now)""#))
        api.organization.setField(id: ids[0], "rbac_group_ids", #"["group_1"]"#)
        api.organization.setField(id: ids[0], "email", nil)
        api.organization.setField(id: ids[0], "role", #""owner""#)
        let document = text(api.ask("GET", ids[0]))
        #expect(document.contains(#""rbac_group_ids":["group_1"]"#) && document.contains(#""role":"owner""#))
        #expect(!document.contains("email"))
    }

    @Test("name the organisation, another, or none")
    func organizationHeader() {
        var api = SimulatedAPI.still(invites: 0)
        #expect(api.ask().header("anthropic-organization-id") == api.organization.organizationID)
        api.modes.organizationHeader = .absent
        #expect(api.ask().header("anthropic-organization-id") == nil)
        api.modes.organizationHeader = .another("org-2")
        #expect(api.ask().header("anthropic-organization-id") == "org-2")
    }

    @Test("serve smaller pages than asked for, and say that there is more")
    func smallPages() throws {
        var api = SimulatedAPI.still(invites: 50, modes: Self.modes { $0.maximumPageSize = 7 })
        let page = try Page(api.ask(query: [("limit", "1000")]))
        #expect(page.data.count == 7 && page.hasMore)
        #expect(try api.listed().map(\.id) == api.organization.newestFirst.map(\.id))
    }
}
