import InviteCore
import Testing

@Suite("Coverage")
struct CoverageTests {
    private static func day(_ number: Int) -> Timestamp { at("2026-05-01T00:00:00Z") + .seconds((number - 1) * 86400) }

    @Test(
        "of a pass is from its oldest invite on",
        arguments: [(nil, 1, true), (nil, nil, true), (5, 5, true), (5, 6, true), (5, 4, false), (5, nil, false)])
    func covers(since: Int?, invitedAt: Int?, expected: Bool) {
        let pass = Coverage.Pass(startedAt: Self.day(9), since: since.map(Self.day))
        #expect(pass.covers(invitedAt: invitedAt.map(Self.day)) == expected)
    }

    @Test(
        "gives the newest pass that covered an invite and lies before what was observed",
        arguments: [
            // Invited on, observed on; the newest pass that bounds it.
            (10, 21, 20), (9, 21, 18), (4, 21, 14), (nil, 21, 14), (10, nil, 20), (10, 20, 18), (10, 19, 18),
            (10, 15, 14), (10, 14, nil), (10, 1, nil),
        ] as [(Int?, Int?, Int?)])
    func newestStart(invitedAt: Int?, observedAt: Int?, expected: Int?) {
        let coverage = Coverage(newestFirst: [
            .init(startedAt: Self.day(20), since: Self.day(10)), .init(startedAt: Self.day(18), since: Self.day(5)),
            .init(startedAt: Self.day(14), since: nil),
        ])
        let start = coverage.newestStart(covering: invitedAt.map(Self.day), before: observedAt.map(Self.day))
        #expect(start == expected.map(Self.day))
    }

    @Test("of no pass bounds nothing")
    func none() {
        #expect(Coverage(newestFirst: []).newestStart(covering: nil) == nil)
    }
}
