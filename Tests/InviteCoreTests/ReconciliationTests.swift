import InviteCore
import Testing

@Suite("Reconciliation")
struct ReconciliationTests {
    /// What the mirror holds of an invite, what an answer shows, and what the log makes of it.
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var before: [String: String?] = [:]
        var after: [String: String?]
        /// Names that the mirror had met, besides the documented ones.
        var met: Set<String> = []
        var events: [EventShape] = []
        /// Members of the document afterwards, as JSON text; nil for none.
        var document: [String: String?] = [:]

        init(
            _ description: String, from before: [String: String?] = [:], to after: [String: String?],
            met: Set<String> = [], gives events: [EventShape] = [], document: [String: String?] = [:]
        ) {
            testDescription = description
            (self.before, self.after, self.met, self.events) = (before, after, met, events)
            self.document = document
        }
    }

    static let cases = [
        Case("nothing changed", to: [:]),
        Case(
            "a status", to: ["status": #""accepted""#], gives: [.init(.statusChanged, "status", "pending", "accepted")],
            document: ["status": #""accepted""#]),
        Case(
            "an unknown status verbatim", to: ["status": #""declined by phone""#],
            gives: [.init(.statusChanged, "status", "pending", "declined by phone")]),
        Case(
            "an email", to: ["email": #""b@example.com""#],
            gives: [.init(.fieldChanged, "email", "a@example.com", "b@example.com")]),
        Case(
            "a date, by its canonical spelling", to: ["expires_at": #""2026-06-01T02:00:00+02:00""#],
            gives: [
                .init(.fieldChanged, "expires_at", "2026-05-22T00:00:00.000000Z", "2026-06-01T00:00:00.000000Z")
            ], document: ["expires_at": #""2026-06-01T02:00:00+02:00""#]),
        Case(
            "the same instant spelt differently", to: ["invited_at": #""2026-05-01T02:00:00.0000009+02:00""#],
            document: ["invited_at": #""2026-05-01T02:00:00.0000009+02:00""#]),
        Case(
            "a date that is none", to: ["invited_at": #""lately""#],
            gives: [.init(.fieldChanged, "invited_at", "2026-05-01T00:00:00.000000Z", "lately")]),
        Case(
            "the status first, then by name",
            to: ["status": #""expired""#, "role": #""billing""#, "email": #""z@example.com""#],
            gives: [
                .init(.statusChanged, "status", "pending", "expired"),
                .init(.fieldChanged, "email", "a@example.com", "z@example.com"),
                .init(.fieldChanged, "role", "user", "billing"),
            ]),
        Case(
            "a field left out", to: ["email": nil, "role": nil, "type": nil], document: ["email": #""a@example.com""#]),
        Case(
            "null, which was seen", to: ["email": "null"], gives: [.init(.fieldChanged, "email", "a@example.com", nil)],
            document: ["email": "null"]),
        Case(
            "a value after null", from: ["role": "null"], to: [:], gives: [.init(.fieldChanged, "role", nil, "user")]),
        Case("null, left out then", from: ["role": "null"], to: ["role": nil], document: ["role": "null"]),
        Case(
            "an empty string after null", from: ["email": "null"], to: ["email": #""""#],
            gives: [.init(.fieldChanged, "email", nil, "")]),
        Case(
            "a number spelt like the string before", from: ["email": #""1""#], to: ["email": "1"],
            document: ["email": "1"]),
        Case(
            "an object in a column", to: ["email": #"{"b":1,"a":2}"#],
            gives: [.init(.fieldChanged, "email", "a@example.com", #"{"a":2,"b":1}"#)]),
        Case(
            "a column that this invite had not", from: ["email": nil], to: [:],
            gives: [.init(.fieldChanged, "email", nil, "a@example.com")]),
        Case("the type", to: ["type": #""guest""#], gives: [.init(.fieldChanged, "type", "invite", "guest")]),
        Case("a name that nobody had met", to: ["team": #""red""#], document: ["team": #""red""#]),
        Case(
            "a known name", from: ["team": #"["red"]"#], to: ["team": #"["red", {"b":1,"a":2}]"#], met: ["team"],
            gives: [.init(.fieldChanged, "team", #"["red"]"#, #"["red",{"a":2,"b":1}]"#)],
            document: ["team": #"["red",{"a":2,"b":1}]"#]),
        Case(
            "a known name that is new on this invite", to: ["team": #""red""#], met: ["team"],
            gives: [.init(.fieldChanged, "team", nil, "red")]),
        Case(
            "a known name that is new on this invite, and null", to: ["team": "null"], met: ["team"],
            document: ["team": "null"]),
        Case(
            "a known name that became null", from: ["team": #""red""#], to: ["team": "null"], met: ["team"],
            gives: [.init(.fieldChanged, "team", "red", nil)]),
        Case("a known name left out", from: ["team": #""red""#], to: [:], met: ["team"], document: ["team": #""red""#]),
        Case(
            "the string null, which is not null", from: ["team": "null"], to: ["team": #""null""#], met: ["team"],
            gives: [.init(.fieldChanged, "team", nil, "null")]),
        Case(
            "a number spelt differently", from: ["n": "1.0"], to: ["n": "1.00"], met: ["n"],
            gives: [.init(.fieldChanged, "n", "1.0", "1.00")]),
        Case("members in another order", from: ["o": #"{"a":1,"b":2}"#], to: ["o": #"{"b":2,"a":1}"#], met: ["o"]),
        Case(
            "a known and a new name together", to: ["new": "1", "team": "2"], met: ["team"],
            gives: [.init(.fieldChanged, "team", nil, "2")], document: ["new": "1"]),
    ]

    @Test("records what changed, and nothing else", arguments: cases)
    func compare(_ row: Case) throws {
        let before = try known(row.before)
        var reconciliation = Reconciliation(knownNames: documentedNames.union(row.met))
        let bound = observed - .seconds(300)
        let change = reconciliation.compare(
            before, with: try seen(row.after), by: source(), bounds: .init(shown: bound, lacked: nil))
        #expect((change?.events ?? []).map(EventShape.init) == row.events)
        let after = change?.invite ?? before
        let members = Dictionary(uniqueKeysWithValues: after.document.members.map { ($0.name, $0.value.text) })
        for (name, value) in row.document { #expect(members[ExactText(name)] == value) }
        #expect(change?.invite != before)
        #expect(after.lastChangedAt == (row.events.isEmpty ? before.lastChangedAt : observed))
        for event in change?.events ?? [] {
            #expect(event.notBefore == bound && event.observedAt == observed)
            #expect(event.requestID == "req_1" && event.evidence == .listed && event.inviteID == "invite_1")
        }
        // Promise 4, for one invite.
        var columns = before.columns
        var isListed = before.isListed
        for event in change?.events ?? [] { event.apply(to: &columns, isListed: &isListed) }
        #expect(columns == after.columns && isListed == after.isListed)
        #expect(change?.events.last.map { $0.document == after.document } ?? true)
    }

    @Test("gives each event the document after it, not after all of them")
    func documents() throws {
        var reconciliation = Reconciliation(knownNames: documentedNames)
        let change = try #require(
            reconciliation.compare(
                try known(), with: try seen(["status": #""accepted""#, "role": #""admin""#]), by: source(),
                bounds: .init(shown: nil, lacked: nil)))
        let roles = change.events.map { InviteColumns(of: $0.document).role }
        #expect(roles == ["user", "admin"])
        #expect(change.events.map { InviteColumns(of: $0.document).status } == ["accepted", "accepted"])
    }

    @Test(
        "says reappeared first, and only for a listing",
        arguments: [
            (InviteEvent.Evidence.listed, [:], [EventShape(.reappeared)], true),
            (
                .listed, ["status": #""expired""#],
                [EventShape(.reappeared), EventShape(.statusChanged, "status", "pending", "expired")], true
            ),
            (.fetched, [:], [], false),
            (.fetched, ["status": #""expired""#], [EventShape(.statusChanged, "status", "pending", "expired")], false),
        ] as [(InviteEvent.Evidence, [String: String?], [EventShape], Bool)])
    func reappears(
        evidence: InviteEvent.Evidence, changes: [String: String?], events: [EventShape], isListed: Bool
    ) throws {
        var reconciliation = Reconciliation(knownNames: documentedNames)
        let (shown, lacked) = (observed - .seconds(600), observed - .seconds(300))
        let before = try known(isListed: false)
        let change = reconciliation.compare(
            before, with: try seen(changes), by: source(evidence), bounds: .init(shown: shown, lacked: lacked))
        #expect((change?.events ?? []).map(EventShape.init) == events)
        #expect((change?.invite ?? before).isListed == isListed)
        for event in change?.events ?? [] {
            #expect(event.notBefore == (event.kind == .reappeared ? lacked : shown))
        }
    }

    @Test("records an invite that appears with its status and without a lower bound")
    func appears() throws {
        var reconciliation = Reconciliation(knownNames: Set<String>())
        let change = reconciliation.appear(try seen(["team": "1"]), by: source())
        let event = try #require(change.events.first)
        #expect(EventShape(event) == EventShape(.appeared, nil, nil, "pending") && change.events.count == 1)
        #expect(event.notBefore == nil && event.document == change.invite.document)
        #expect(change.invite.isListed && change.invite.firstObservedAt == observed)
        #expect(Set(reconciliation.newNames.map(\.string)) == documentedNames.union(["team"]))
        #expect(reconciliation.unknownNames == ["team"])
    }

    @Test("meets a name for the first time only while no pass before had met it")
    func newNames() throws {
        var reconciliation = Reconciliation(knownNames: documentedNames.union(["team"]))
        _ = reconciliation.appear(try seen(["team": "1"]), by: source())
        #expect(reconciliation.newNames.isEmpty)
        _ = reconciliation.compare(
            try known(), with: try seen(["colour": "1"]), by: source(), bounds: .init(shown: nil, lacked: nil))
        #expect(reconciliation.unknownNames == ["colour"])
    }
}
