import InviteCore
import Testing

@Suite("A timestamp")
struct TimestampTests {
    @Test(
        "is read from every spelling of RFC 3339 and written in one",
        arguments: [
            ("2024-10-30T23:58:27.427722Z", "2024-10-30T23:58:27.427722Z"),
            ("2024-10-30T23:58:27Z", "2024-10-30T23:58:27.000000Z"),
            ("2024-10-30t23:58:27z", "2024-10-30T23:58:27.000000Z"),
            ("2024-10-30 23:58:27Z", "2024-10-30T23:58:27.000000Z"),
            ("2024-10-30T23:58:27.5Z", "2024-10-30T23:58:27.500000Z"),
            ("2024-10-30T23:58:27.42Z", "2024-10-30T23:58:27.420000Z"),
            ("2024-10-30T23:58:27.427Z", "2024-10-30T23:58:27.427000Z"),
            ("2024-10-30T23:58:27.4277Z", "2024-10-30T23:58:27.427700Z"),
            ("2024-10-30T23:58:27.42772Z", "2024-10-30T23:58:27.427720Z"),
            ("2024-10-30T23:58:27.4277229Z", "2024-10-30T23:58:27.427722Z"),
            ("2024-10-30T23:58:27.427722999Z", "2024-10-30T23:58:27.427722Z"),
            ("2024-10-30T23:58:27.99999999999999999999999999Z", "2024-10-30T23:58:27.999999Z"),
            ("1969-12-31T23:59:59.9999999Z", "1969-12-31T23:59:59.999999Z"),
            ("2024-10-31T00:58:27.5+01:00", "2024-10-30T23:58:27.500000Z"),
            ("2024-10-30T18:28:27-05:30", "2024-10-30T23:58:27.000000Z"),
            ("2024-10-30T23:58:27-00:00", "2024-10-30T23:58:27.000000Z"),
            ("2024-01-01T00:30:00+23:59", "2023-12-31T00:31:00.000000Z"),
            ("2024-02-28T23:30:00-01:00", "2024-02-29T00:30:00.000000Z"),
            ("2000-02-29T12:00:00Z", "2000-02-29T12:00:00.000000Z"),
            ("1900-03-01T00:00:00+00:01", "1900-02-28T23:59:00.000000Z"),
            ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000000Z"),
            ("0000-01-01T00:00:00Z", "0000-01-01T00:00:00.000000Z"),
            ("0000-02-29T00:00:00Z", "0000-02-29T00:00:00.000000Z"),
            ("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"),
        ])
    func reads(text: String, expected: String) {
        #expect(Timestamp(rfc3339: text)?.description == expected)
    }

    @Test(
        "is nothing else",
        arguments: [
            "", " ", "2024", "2024-10-30", "2024-10-30T23:58Z", "2024-10-30T23:58:27", "2024-10-30T23:58:27.Z",
            "2024-10-30T23:58:27,5Z", "2024-10-30T23:58:27.5", "2024-10-30T23:58:27Zz", "2024-10-30T23:58:27Z ",
            " 2024-10-30T23:58:27Z", "2024-10-30_23:58:27Z", "20241030T235827Z", "-024-10-30T23:58:27Z",
            "12024-10-30T23:58:27Z", "2024-1-30T23:58:27Z", "2024-10-30T3:58:27Z", "2024-00-10T00:00:00Z",
            "2024-13-10T00:00:00Z", "2024-10-00T00:00:00Z", "2024-10-32T00:00:00Z", "2024-04-31T00:00:00Z",
            "2023-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2100-02-29T00:00:00Z", "2024-02-30T00:00:00Z",
            "2024-10-30T24:00:00Z", "2024-10-30T23:60:00Z", "2016-12-31T23:59:60Z", "2024-10-30T23:58:27+0100",
            "2024-10-30T23:58:27+01", "2024-10-30T23:58:27+24:00", "2024-10-30T23:58:27+01:60",
            "2024-10-30T23:58:27+1:00", "2024-10-30T23:58:27 +01:00", "2024-10-30T23:58:27UTC",
            "0000-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01", "٢٠٢٤-10-30T23:58:27Z",
            "2024-10-30T23:58:27\u{0}Z", "2024-10-30T23:58:27Z\u{301}", "null", "1730332707",
        ])
    func refuses(text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
    }

    @Test("comes back from its own text, and texts are in the order of time")
    func roundTrip() {
        var random = SeededRandom.drawn(for: "timestamps")
        let earliest = at("0000-01-01T00:00:00Z").microseconds
        let latest = at("9999-12-31T23:59:59.999999Z").microseconds
        var previous = Timestamp(microseconds: 0)
        for _ in 0..<5000 {
            let instant = Timestamp(microseconds: Int64.random(in: earliest...latest, using: &random))
            #expect(Timestamp(rfc3339: instant.description) == instant)
            #expect(instant.description.utf8.count == 27)
            #expect((instant < previous) == (instant.description < previous.description))
            previous = instant
        }
    }

    @Test("knows every day of 800 years")
    func calendar() {
        var day = Timestamp.daysFromCivil(year: 1600, month: 1, day: 1)
        for year in Int64(1600)..<2400 {
            let isLeap = year % 400 == 0 || (year % 4 == 0 && year % 100 != 0)
            for (month, length) in zip(Int64(1)..., [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]) {
                for date in 1...Int64(length) {
                    let civil = Timestamp.civilFromDays(day)
                    let isRight = civil.year == year && civil.month == month && civil.day == date
                    if !isRight { Issue.record("day \(day) is \(civil), not \(year)-\(month)-\(date)") }
                    day += 1
                }
            }
        }
    }

    @Test("stays within its years whatever is added")
    func saturates() {
        let now = at("2026-05-10T12:00:00Z")
        #expect((now + .seconds(Int64.max)).description == "9999-12-31T23:59:59.999999Z")
        #expect((now - .seconds(Int64.max)).description == "0000-01-01T00:00:00.000000Z")
        #expect(Timestamp(microseconds: .max).description == "9999-12-31T23:59:59.999999Z")
        #expect(Timestamp(microseconds: .min).description == "0000-01-01T00:00:00.000000Z")
        #expect((now + .milliseconds(1500)).description == "2026-05-10T12:00:01.500000Z")
        #expect(at("2026-05-11T00:00:00Z") - now == .seconds(43200))
    }

    @Test(
        "may be typed as a date",
        arguments: [
            ("2026-11-01", "2026-11-01T00:00:00.000000Z"), ("2026-11-01T09:00:00+01:00", "2026-11-01T08:00:00.000000Z"),
            ("2026-11-31", nil), ("tomorrow", nil), ("", nil), ("2026-11", nil), ("2026-11-01Z", nil),
        ])
    func typed(text: String, expected: String?) {
        #expect(Timestamp(typed: text)?.description == expected)
    }
}
