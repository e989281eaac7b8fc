import InviteCore
import Testing

@Suite("An absence")
struct AbsenceTests {
    enum Answer: Sendable {
        case shown([String: String?])
        case notFound, none
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var known: [String: String?]
        var answer: Answer
        var passes: Int
        var events: [EventShape]
        var isListed: Bool

        init(
            _ description: String, _ known: [String: String?] = [:], _ answer: Answer, passes: Int = 1,
            gives events: [EventShape] = [], listed: Bool
        ) {
            testDescription = description
            (self.known, self.answer, self.passes) = (known, answer, passes)
            (self.events, isListed) = (events, listed)
        }
    }

    private static let deleted: [String: String?] = ["status": #""deleted""#]
    private static let accepted: [String: String?] = ["status": #""accepted""#]
    private static func status(_ old: String?, _ new: String) -> EventShape {
        .init(.statusChanged, "status", old, new)
    }

    static let cases = [
        Case(
            "200 deleted, known as another", [:], .shown(deleted),
            gives: [status("pending", "deleted")], listed: false),
        Case(
            "200 deleted, known as accepted", accepted, .shown(deleted), gives: [status("accepted", "deleted")],
            listed: false),
        Case("200 deleted, known already", deleted, .shown(deleted), gives: [.init(.vanished)], listed: false),
        Case("200 as it was", [:], .shown([:]), listed: true),
        Case("200 as it was, the second time", [:], .shown([:]), passes: 2, listed: true),
        Case("200 as it was, the third time", [:], .shown([:]), passes: 3, gives: [.init(.vanished)], listed: false),
        Case("200 as it was, the fourth time", [:], .shown([:]), passes: 4, gives: [.init(.vanished)], listed: false),
        Case("200 changed", [:], .shown(accepted), gives: [status("pending", "accepted")], listed: true),
        Case(
            "200 changed, the third time", [:], .shown(accepted), passes: 3,
            gives: [status("pending", "accepted"), .init(.vanished)], listed: false),
        Case(
            "200 with a date spelt differently", [:], .shown(["invited_at": #""2026-05-01T01:00:00+01:00""#]),
            listed: true),
        Case("404, pending and not run out", [:], .notFound, gives: [status("pending", "deleted")], listed: false),
        Case(
            "404, pending and run out", ["expires_at": #""2026-05-10T11:59:59.999999Z""#], .notFound,
            gives: [.init(.vanished)], listed: false),
        Case(
            "404, pending and running out at this instant", ["expires_at": #""2026-05-10T12:00:00Z""#], .notFound,
            gives: [.init(.vanished)], listed: false),
        Case(
            "404, pending and running out next", ["expires_at": #""2026-05-10T12:00:00.000001Z""#], .notFound,
            gives: [status("pending", "deleted")], listed: false),
        Case(
            "404, pending without a date", ["expires_at": "null"], .notFound, gives: [.init(.vanished)], listed: false),
        Case(
            "404, pending with a date that is none", ["expires_at": #""some day""#], .notFound,
            gives: [.init(.vanished)], listed: false),
        Case("404, accepted", accepted, .notFound, gives: [.init(.vanished)], listed: false),
        Case("404, deleted", deleted, .notFound, gives: [.init(.vanished)], listed: false),
        Case("404, without a status", ["status": "null"], .notFound, gives: [.init(.vanished)], listed: false),
        Case("no answer", [:], .none, listed: true),
        Case("no answer, the tenth time", [:], .none, passes: 10, listed: true),
    ]

    @Test("is judged by what Get Invite answers", arguments: cases)
    func judge(_ row: Case) throws {
        let before = try known(row.known)
        var reconciliation = Reconciliation(knownNames: documentedNames)
        let answer: Absence.Answer =
            switch row.answer {
            case .shown(let changes): .shown(try seen(row.known.merging(changes) { $1 }))
            case .notFound: .notFound
            case .none: .none
            }
        let evidence: InviteEvent.Evidence = if case .notFound = answer { .notFound } else { .fetched }
        let bound = observed - .seconds(300)
        let change = Absence.judge(
            before, answer, by: source(evidence), passesLacking: row.passes,
            bounds: .init(shown: bound, lacked: bound), using: &reconciliation)
        #expect((change?.events ?? []).map(EventShape.init) == row.events)
        #expect((change?.invite ?? before).isListed == row.isListed)
        for event in change?.events ?? [] { #expect(event.evidence == evidence && event.notBefore == bound) }
        if case .notFound = answer { #expect(change?.invite.document == before.document) }
        if row.events == [EventShape(.vanished)] { #expect(change?.invite.columns == before.columns) }
    }

    @Test(
        "of very many is suspicious",
        arguments: [
            (known: 0, absent: 0, listed: 0, isSuspicious: false), (0, 0, 5, false), (1, 1, 0, true), (1, 0, 1, false),
            (10, 10, 1, false), (11, 11, 1, true), (20, 10, 10, false), (20, 11, 9, true), (22, 11, 11, false),
            (21, 11, 10, true), (1000, 500, 500, false), (1000, 501, 499, true), (5, 5, 5, false), (5, 5, 0, true),
        ])
    func suspicious(known: Int, absent: Int, listed: Int, isSuspicious: Bool) {
        #expect(Absence.isSuspicious(known: known, absent: absent, listed: listed) == isSuspicious)
    }
}
