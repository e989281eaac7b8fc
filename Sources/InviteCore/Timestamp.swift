/// An instant in UTC, to the microsecond.
///
/// Dates of the API never pass through Foundation's `Date`, whose `Double` loses microseconds.
/// Range: the years 0000 to 9999 of the proleptic Gregorian calendar, which is what RFC 3339 can spell.
package struct Timestamp: Sendable, Hashable, Comparable {
    /// Microseconds since 1970-01-01T00:00:00Z; negative before it.
    package let microseconds: Int64

    package init(microseconds: Int64) {
        self.microseconds = min(max(microseconds, Self.earliest), Self.latest)
    }

    /// 0000-01-01T00:00:00.000000Z and 9999-12-31T23:59:59.999999Z.
    private static let earliest = daysFromCivil(year: 0, month: 1, day: 1) * microsecondsPerDay
    private static let latest = daysFromCivil(year: 10000, month: 1, day: 1) * microsecondsPerDay - 1
    private static let microsecondsPerDay: Int64 = 86_400_000_000

    package static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.microseconds < right.microseconds
    }

    package static func + (instant: Timestamp, duration: Duration) -> Timestamp {
        let (sum, overflow) = instant.microseconds.addingReportingOverflow(duration.wholeMicroseconds)
        guard !overflow else { return Timestamp(microseconds: duration < .zero ? .min : .max) }
        return Timestamp(microseconds: sum)
    }

    package static func - (instant: Timestamp, duration: Duration) -> Timestamp {
        instant + (.zero - duration)
    }

    package static func - (later: Timestamp, earlier: Timestamp) -> Duration {
        .microseconds(later.microseconds - earlier.microseconds)
    }
}

extension Duration {
    /// Whole microseconds, rounded towards zero; the ends of `Int64` where it does not fit.
    package var wholeMicroseconds: Int64 {
        let (seconds, attoseconds) = components
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
        guard !overflow else { return seconds < 0 ? .min : .max }
        let (sum, tooFar) = scaled.addingReportingOverflow(attoseconds / 1_000_000_000_000)
        return tooFar ? (seconds < 0 ? .min : .max) : sum
    }

    /// Seconds as a floating-point number, for people and for arithmetic that need not be exact.
    package var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}

// MARK: Text

extension Timestamp: CustomStringConvertible {
    /// The canonical spelling, of fixed width so that text order is time order: `2024-10-30T23:58:27.427722Z`.
    package var description: String {
        let days = microseconds.dividedFlooring(by: Self.microsecondsPerDay)
        var rest = microseconds - days * Self.microsecondsPerDay
        let (year, month, day) = Self.civilFromDays(days)
        let fraction = rest % 1_000_000
        rest /= 1_000_000
        return String(unsafeUninitializedCapacity: Self.canonicalCount) { text in
            var writer = DigitWriter(text: text)
            writer.put(year, digits: 4, then: "-")
            writer.put(month, digits: 2, then: "-")
            writer.put(day, digits: 2, then: "T")
            writer.put(rest / 3600, digits: 2, then: ":")
            writer.put(rest / 60 % 60, digits: 2, then: ":")
            writer.put(rest % 60, digits: 2, then: ".")
            writer.put(fraction, digits: 6, then: "Z")
            return writer.count
        }
    }

    /// Reads an RFC 3339 date-time: any offset, any fraction (what is finer than a microsecond is cut off),
    /// `t`, `z` or a space in place of `T` and `Z`. Nil for everything else, a leap second included.
    ///
    /// Source: RFC 3339, section 5.6 and its notes.
    package init?(rfc3339 text: some StringProtocol) {
        let read = text.utf8.withContiguousStorageIfAvailable { Timestamp(rfc3339: $0) }
        guard let instant = read ?? Array(text.utf8).withUnsafeBufferPointer({ Timestamp(rfc3339: $0) }) else {
            return nil
        }
        self = instant
    }

    /// The canonical spelling of an RFC 3339 date-time; nil if it is none.
    static func canonical(_ text: UnsafeBufferPointer<UInt8>) -> String? {
        guard let instant = Timestamp(rfc3339: text) else { return nil }
        // What has as many digits and these letters is spelt so already.
        guard text.count == canonicalCount, text[10] == UInt8(ascii: "T"), text.last == UInt8(ascii: "Z") else {
            return instant.description
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static let canonicalCount = 27

    init?(rfc3339 text: UnsafeBufferPointer<UInt8>) {
        var reader = DigitReader(text: text)
        let year = reader.digits(4, then: "-")
        let month = reader.digits(2, then: "-")
        let day = reader.digits(2)
        guard reader.take("T") || reader.take("t") || reader.take(" ") else { return nil }
        let hour = reader.digits(2, then: ":")
        let minute = reader.digits(2, then: ":")
        let second = reader.digits(2)
        let fraction = reader.take(".") ? reader.fraction() : 0
        let offsetMinutes = reader.offsetMinutes()
        guard !reader.hasFailed, reader.position == text.count else { return nil }
        guard (1...12).contains(month), (1...Self.days(inMonth: month, of: year)).contains(day),
            hour < 24, minute < 60, second < 60
        else { return nil }
        let days = Self.daysFromCivil(year: year, month: month, day: day)
        let seconds = days * 86400 + hour * 3600 + (minute - offsetMinutes) * 60 + second
        let microseconds = seconds * 1_000_000 + fraction
        guard (Self.earliest...Self.latest).contains(microseconds) else { return nil }
        self.init(microseconds: microseconds)
    }

    /// A date-time as above or a date alone, which means its first instant in UTC: what a person may type.
    package init?(typed text: String) {
        if let instant = Timestamp(rfc3339: text) {
            self = instant
        } else if text.utf8.count == 10, let instant = Timestamp(rfc3339: text + "T00:00:00Z") {
            self = instant
        } else {
            return nil
        }
    }
}

// MARK: The calendar

extension Timestamp {
    private static func days(inMonth month: Int64, of year: Int64) -> Int64 {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        switch month {
        case 2: return isLeap ? 29 : 28
        case 4, 6, 9, 11: return 30
        default: return 31
        }
    }

    /// Days since 1970-01-01. Source: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms".
    package static func daysFromCivil(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted.dividedFlooring(by: 400)
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// The inverse of ``daysFromCivil(year:month:day:)``.
    package static func civilFromDays(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = shifted.dividedFlooring(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth + (shiftedMonth < 10 ? 3 : -9)
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }
}

extension Int64 {
    fileprivate func dividedFlooring(by divisor: Int64) -> Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}

private struct DigitWriter {
    let text: UnsafeMutableBufferPointer<UInt8>
    var count = 0

    mutating func put(_ value: Int64, digits: Int, then separator: Unicode.Scalar) {
        var rest = value
        for place in stride(from: count + digits - 1, through: count, by: -1) {
            text[place] = UInt8(48 + rest % 10)
            rest /= 10
        }
        text[count + digits] = UInt8(separator.value)
        count += digits + 1
    }
}

/// Reads digits. What is not as it should be makes it fail, and what it gives then means nothing.
private struct DigitReader {
    let text: UnsafeBufferPointer<UInt8>
    var position = 0
    var hasFailed = false

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard position < text.count, text[position] == UInt8(character.value) else { return false }
        position += 1
        return true
    }

    private mutating func digit() -> Int64? {
        guard position < text.count, case let digit = text[position] &- 48, digit <= 9 else { return nil }
        position += 1
        return Int64(digit)
    }

    mutating func digits(_ count: Int) -> Int64 {
        var value: Int64 = 0
        for _ in 0..<count {
            guard let digit = digit() else {
                hasFailed = true
                return 0
            }
            value = value * 10 + digit
        }
        return value
    }

    mutating func digits(_ count: Int, then separator: Unicode.Scalar) -> Int64 {
        let value = digits(count)
        if !take(separator) { hasFailed = true }
        return value
    }

    /// One digit or more, as microseconds; what is finer is cut off.
    mutating func fraction() -> Int64 {
        var value = digits(1) * 100_000
        var scale: Int64 = 10_000
        while let digit = digit() {
            value += digit * scale
            scale /= 10
        }
        return value
    }

    /// `Z` or `±hh:mm`.
    mutating func offsetMinutes() -> Int64 {
        if take("Z") || take("z") { return 0 }
        let isBehind = take("-")
        if !isBehind && !take("+") { hasFailed = true }
        let hours = digits(2, then: ":")
        let minutes = digits(2)
        if hours >= 24 || minutes >= 60 { hasFailed = true }
        return (isBehind ? -1 : 1) * (hours * 60 + minutes)
    }
}
