import InviteCore
import Testing

@testable import InviteMirror

/// What rests on the log holds with recent passes in it.
@Suite struct RecentReportTests {
    /// A full pass and three recent ones, in which an invite below their range is gone from the first day on.
    private static func mirror() throws -> TestMirror {
        let mirror = try TestMirror()
        let (old, older) = (
            TestMirror.invite("old", status: "accepted", day: -10),
            TestMirror.invite("older", status: "accepted", day: -20)
        )
        try mirror.pass(day: 0, [TestMirror.invite("a"), TestMirror.invite("b"), old, older])
        let range = RecentRange(
            since: TestMirror.start - .seconds(3600), below: TestMirror.start - .seconds(10 * 86400 + 3600))
        let new = TestMirror.invite("new", day: 1)
        try mirror.pass(day: 1, [new, TestMirror.invite("a"), TestMirror.invite("b"), old], recent: range)
        try mirror.pass(day: 2, [new, TestMirror.invite("a", status: "accepted"), old], recent: range)
        try mirror.pass(day: 3, [new, TestMirror.invite("a", status: "accepted"), old], recent: range)
        return mirror
    }

    @Test("absence is judged in the range alone, the log verifies, and the notes name the range")
    func log() throws {
        let mirror = try Self.mirror()
        #expect(try mirror.codes() == [])
        let states = try mirror.store.access { try $0.texts("SELECT id, status, listed FROM invite ORDER BY id") }
        #expect(states == ["a|accepted|1", "b|deleted|0", "new|pending|1", "old|accepted|1", "older|accepted|1"])
        #expect(try mirror.note(of: 2).contains("pass 2 recent 2026-10-31T23:00:00.000000Z "))
        var pins = Verification.Pins()
        pins.notes = [try mirror.note(of: 1), try mirror.note(of: 3)]
        #expect(try mirror.codes(pins) == [])
        try mirror.tamper("UPDATE sync_pass SET covered_since = '2026-10-01T00:00:00.000000Z' WHERE id = 3")
        #expect(try mirror.codes(pins) == [.alteredPass])
    }

    @Test("the report adds up, counts full and recent passes, and says how long there was no full one")
    func report() throws {
        let mirror = try Self.mirror()
        for format in ReportWriter.Format.allCases {
            let (report, text) = try mirror.report(format, fullDays: 4)
            #expect(report.isComplete && report.isVerified == true && report.ledger.addsUp)
            #expect(report.passes.full == 1 && report.passes.recent == 3 && report.passes.complete == 4)
            #expect(report.passes.longest == .seconds(86400) && report.passes.longestWithoutFull == .seconds(4 * 86400))
            #expect(text.contains("recent"))
        }
        #expect(try mirror.report(.markdown, fullDays: 4).text.contains("1 full and 3 recent ones complete"))
        // Where the schedule wants a full pass each day, its absence is a gap of its own kind.
        let late = try mirror.report(.html, fullDays: 1).report
        #expect(!late.isComplete && late.gaps.map(\.kind) == [.noFullPass])
        // A stretch without any pass is told as such, once.
        #expect(try mirror.report(.html, to: 10, fullDays: 20).report.gaps.map(\.kind) == [.noPass])
    }

    @Test("the mirror as of an instant and the difference of two are what the view says")
    func asOf() throws {
        try AsOfTests.expectView(of: try Self.mirror())
    }
}
