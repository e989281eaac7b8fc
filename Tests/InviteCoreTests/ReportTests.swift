import Testing

@testable import InviteCore

@Suite struct WatchGapsTests {
    private static func pass(_ minute: Int, lasting seconds: Int = 1, full: Bool = true) -> WatchGaps.Pass {
        let start = Timestamp(microseconds: 0) + .seconds(minute * 60)
        return WatchGaps.Pass(startedAt: start, finishedAt: start + .seconds(seconds), isFull: full)
    }

    private static func gaps(_ passes: [WatchGaps.Pass], from: Int = 0, to: Int = 60) -> [ClosedRange<Int>] {
        let start = Timestamp(microseconds: 0)
        let watch = WatchGaps(
            from: start + .seconds(from * 60), to: start + .seconds(to * 60), interval: .seconds(300),
            fullInterval: .seconds(86400))
        return watch.gaps(passes).map { gap in
            Int(gap.from.microseconds / 60_000_000)...Int(gap.to.microseconds / 60_000_000)
        }
    }

    @Test(
        "a stretch without a pass that is longer than the schedule allows is a gap, cut to the period",
        arguments: [
            (minutes: Array(stride(from: 0, through: 60, by: 5)), gaps: []),
            (minutes: [], gaps: [0...60]),
            (minutes: Array(stride(from: -5, through: 30, by: 5)), gaps: [30...60]),
            (minutes: Array(stride(from: 20, through: 60, by: 5)), gaps: [0...20]),
            (minutes: [-30] + Array(stride(from: 10, through: 60, by: 5)), gaps: [0...10]),
            (minutes: [0, 5, 10, 30, 35, 40, 45, 50, 55, 60], gaps: [10...30]),
            (minutes: [0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55], gaps: []),
            (minutes: [-100, 100], gaps: [0...60]),
        ] as [(minutes: [Int], gaps: [ClosedRange<Int>])])
    func stretches(minutes: [Int], gaps: [ClosedRange<Int>]) {
        #expect(Self.gaps(minutes.map { Self.pass($0) }) == gaps)
    }

    @Test("a pass that takes longer than the interval is no gap")
    func longPass() {
        let passes = [Self.pass(0), Self.pass(5, lasting: 1100)] + (5...12).map { Self.pass($0 * 5) }
        #expect(Self.gaps(passes) == [])
    }
}

@Suite struct OpenLedgerTests {
    /// A history drawn from a seed: any event may follow any other, the clock may be set back.
    private static func history(_ random: inout SeededRandom) -> [OpenLedger.Step] {
        var columns = InviteColumns()
        var isListed = false
        var steps: [OpenLedger.Step] = []
        var minute = Int(random.next() % 1000)
        let statuses = ["pending", "accepted", "expired", "deleted", "strange"]
        for index in 0..<(1 + Int(random.next() % 6)) {
            minute += Int(random.next() % 300) - (random.next() % 10 == 0 ? 400 : 0)
            let status = statuses[Int(random.next() % 5)]
            let kinds: [InviteEvent.Kind] = [.statusChanged, .statusChanged, .vanished, .reappeared, .fieldChanged]
            let kind = index == 0 ? .appeared : kinds[Int(random.next() % 5)]
            let evidence: [InviteEvent.Evidence] = [.listed, .fetched, .notFound]
            let event = InviteEvent(
                inviteID: "i", kind: kind, field: kind == .fieldChanged ? "role" : nil, newValue: status,
                evidence: kind == .appeared ? .listed : evidence[Int(random.next() % 3)],
                observedAt: Timestamp(microseconds: Int64(minute) * 60_000_000), requestID: nil,
                document: InviteDocument(canonical: "{\"status\":\"\(status)\"}"))
            let wasOpen = columns.status == "pending" && isListed
            event.apply(to: &columns, isListed: &isListed)
            steps.append(.init(event, wasOpen: wasOpen, isOpen: columns.status == "pending" && isListed))
        }
        return steps
    }

    @Test("the reconciliation adds up for 1,000 drawn organisations, whatever happened and whatever the clock did")
    func addsUp() {
        for seed in 0..<1000 as Range<UInt64> {
            var random = SeededRandom(seed: seed)
            let invites = (0..<30).map { _ in Self.history(&random) }
            let cut = (0..<4).map { _ in Int64(random.next() % 2000) * 60_000_000 }.sorted()
                .map { Timestamp(microseconds: $0) }
            var before: Int?
            for (from, to) in zip(cut, cut.dropFirst()) {
                var ledger = OpenLedger()
                for steps in invites { ledger.take(steps, from: from, to: to) }
                #expect(ledger.addsUp, "seed \(seed)")
                // What one period ends with, the next one starts with.
                if let before { #expect(ledger.openAtStart == before, "seed \(seed)") }
                before = ledger.openAtEnd
            }
        }
    }
}

@Suite struct HarmlessTextTests {
    @Test(
        "a cell that a spreadsheet would run is a text",
        arguments: [
            ("=1+1", "\"'=1+1\""), (" =1", "\"' =1\""), ("+1", "\"'+1\""), ("-1", "\"'-1\""), ("@x", "\"'@x\""),
            ("\t=1", "\"\\u{9}=1\""), ("＝1", "\"'＝1\""), ("a\"b,c", "\"a\"\"b,c\""),
            ("\"\u{301},=1", "\"\"\"\u{301},=1\""),
            ("a\r\nb", "\"a\\u{d}\\u{a}b\""),
            ("ann@example.com", "\"ann@example.com\""), ("", "\"\""),
        ])
    func cells(text: String, cell: String) {
        #expect(text.csvCell == cell)
    }

    @Test("what turns the direction of writing is made visible, and JSON keeps its value")
    func directions() {
        let hostile = "a\u{202e}gpj.exe\u{2066}<script>&\u{0}"
        #expect(hostile.visible == "a\\u{202e}gpj.exe\\u{2066}<script>&\\u{0}")
        #expect(hostile.harmlessJSON == "\"a\\u202egpj.exe\\u2066\\u003cscript\\u003e\\u0026\\u0000\"")
        #expect("WWW.\u{301}a".markdown == "WWW&#46;\u{301}a")
        #expect("a|b[x](http://y)".markdown == "a&#124;b&#91;x&#93;&#40;http&#58;//y&#41;")
    }
}
