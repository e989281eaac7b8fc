import InviteCore
import Testing

@Suite("Backoff")
struct BackoffTests {
    private typealias Failure = Backoff.Failure

    private static func decide(
        _ failure: Failure, tries: Int = 1, elapsed: Duration = .zero, remaining: Duration = .seconds(3600),
        random: Double = 0.5
    ) -> Backoff.Decision {
        Backoff.decide(failure, tries: tries, elapsed: elapsed, remaining: remaining, random: random)
    }

    @Test(
        "tries again what may pass, and nothing else",
        arguments: [
            (nil, true), (300, false), (400, false), (401, false), (402, false), (403, false), (404, false),
            (405, false), (408, true), (409, true), (413, false), (418, false), (429, true), (500, true), (502, true),
            (503, true), (504, true), (529, true), (599, true), (600, false), (200, false), (301, false),
        ] as [(Int?, Bool)])
    func statuses(status: Int?, isRetried: Bool) {
        let expected: Backoff.Decision = isRetried ? .wait(.milliseconds(250)) : .giveUp
        #expect(Self.decide(Failure(status: status)) == expected)
    }

    @Test(
        "does what x-should-retry says, but for what another try cannot change",
        arguments: [
            (500, false, false), (529, true, true), (418, true, true), (300, true, true), (400, true, false),
            (401, true, false), (402, true, false), (403, true, false), (404, true, false), (nil, false, false),
        ] as [(Int?, Bool, Bool)])
    func shouldRetry(status: Int?, shouldRetry: Bool, isRetried: Bool) {
        let decision = Self.decide(Failure(status: status, shouldRetry: shouldRetry))
        #expect((decision == .giveUp) == !isRetried)
    }

    @Test(
        "waits longer each time, by chance, and ends after four tries",
        arguments: [
            (1, 0.0, 0), (1, 0.999_999, 499), (2, 0.5, 500), (2, 0.999_999, 999), (3, 0.5, 1000), (3, 0.25, 500),
            (4, 0.5, nil), (5, 0.5, nil),
        ] as [(Int, Double, Int?)])
    func waits(tries: Int, random: Double, milliseconds: Int?) {
        let decision = Self.decide(Failure(status: 500), tries: tries, random: random)
        guard let milliseconds else {
            #expect(decision == .giveUp)
            return
        }
        guard case .wait(let wait) = decision else {
            Issue.record("\(decision)")
            return
        }
        #expect(wait >= .milliseconds(milliseconds) && wait < .milliseconds(milliseconds + 1))
    }

    @Test(
        "waits as long as it is told, or comes back later",
        arguments: [
            (429, 7, 0, 3600, .wait(.seconds(7))), (429, 300, 0, 3600, .wait(.seconds(300))),
            (429, 301, 0, 3600, .comeBack(after: .seconds(301))),
            (529, 200, 150, 3600, .comeBack(after: .seconds(200))),
            (503, 20, 0, 10, .comeBack(after: .seconds(20))), (401, 301, 0, 3600, .giveUp),
            (500, 31_536_000, 0, 3600, .comeBack(after: .seconds(31_536_000))), (429, 0, 0, 3600, .wait(.zero)),
        ] as [(Int, Int, Int, Int, Backoff.Decision)])
    func retryAfter(status: Int, asked: Int, elapsed: Int, remaining: Int, expected: Backoff.Decision) {
        let failure = Failure(status: status, retryAfter: .seconds(asked))
        #expect(Self.decide(failure, elapsed: .seconds(elapsed), remaining: .seconds(remaining)) == expected)
    }

    @Test("comes back later even when no try is left")
    func comesBackAtLast() {
        let failure = Failure(status: 429, retryAfter: .seconds(900))
        #expect(Self.decide(failure, tries: 4) == .comeBack(after: .seconds(900)))
        #expect(Self.decide(Failure(status: 429, retryAfter: .seconds(3)), tries: 4) == .giveUp)
    }

    @Test("gives up when the time is over", arguments: [(300, 3600), (301, 3600), (0, 0), (10, -5)])
    func outOfTime(elapsed: Int, remaining: Int) {
        let failure = Failure(status: 500)
        #expect(Self.decide(failure, elapsed: .seconds(elapsed), remaining: .seconds(remaining)) == .giveUp)
    }
}

@Suite("Retry-After")
struct RetryAfterTests {
    @Test(
        "is read in milliseconds, seconds or as an HTTP date",
        arguments: [
            (nil, "7", .seconds(7)), (nil, " 7 ", .seconds(7)), (nil, "0", .zero), (nil, "1.5", .milliseconds(1500)),
            (nil, "0.0000001", .zero), ("250", nil, .milliseconds(250)), ("250", "7", .milliseconds(250)),
            ("0.5", nil, .microseconds(500)), ("soon", "7", .seconds(7)), ("", "7", .seconds(7)),
            (nil, "Sun, 10 May 2026 12:05:00 GMT", .seconds(300)), (nil, "Sun, 10 May 2026 11:00:00 GMT", .zero),
            (nil, "Mon, 10 May 2027 12:00:00 GMT", .seconds(31_536_000)), (nil, nil, nil), (nil, "", nil),
            (nil, "soon", nil), (nil, "-1", nil), ("-250", nil, nil), (nil, "nan", nil), (nil, "inf", nil),
            (nil, "Sunday, 10-May-26 12:05:00 GMT", .seconds(300)), (nil, "Sun May 10 12:05:00 2026", .seconds(300)),
            (nil, "Sun, 10 May 2026 12:05:00 CET", nil),
            (nil, "Sun, 10 Mai 2026 12:05:00 GMT", nil), (nil, "Sun, 31 Feb 2026 12:05:00 GMT", nil),
            (nil, "2026-05-10T12:05:00Z", nil), (nil, "1e300", nil), (nil, "0x10", nil),
            (nil, String(repeating: "9", count: 400), .seconds(3_153_600_000)),
        ] as [(String?, String?, Duration?)])
    func wait(milliseconds: String?, text: String?, expected: Duration?) {
        #expect(RetryAfter.wait(milliseconds: milliseconds, secondsOrDate: text, now: observed) == expected)
    }
}
