/// Decides what follows a try that brought no usable answer: wait and try again, or give up. Pure.
package struct Backoff: Sendable {
    /// Tries of one request at the most.
    package static let maximumTries = 4
    /// From the first try on, waits included.
    package static let maximumElapsed = Duration.seconds(300)
    private static let firstCeiling = 0.5
    private static let lastCeiling = 8.0

    /// What a try ended with.
    package struct Failure: Sendable, Equatable {
        /// Nil if no answer arrived at all: refused, broken, timed out.
        package let status: Int?
        package var retryAfter: Duration?
        package var shouldRetry: Bool?

        package init(status: Int?, retryAfter: Duration? = nil, shouldRetry: Bool? = nil) {
            self.status = status
            self.retryAfter = retryAfter
            self.shouldRetry = shouldRetry
        }

        /// The API may recover from it by itself.
        var isPassing: Bool {
            guard let status else { return true }
            return [408, 409, 429].contains(status) || (500...599).contains(status)
        }

        /// `x-should-retry` decides, but for the answers that another try cannot change.
        var isRetryable: Bool {
            if let status, (400...404).contains(status) { return false }
            return shouldRetry ?? isPassing
        }
    }

    package enum Decision: Sendable, Equatable {
        case wait(Duration)
        case giveUp
        /// The API asked for more patience than a request has: nothing is to be asked before that has passed.
        case comeBack(after: Duration)
    }

    /// - Parameters:
    ///   - tries: made so far, this one included; from 1.
    ///   - elapsed: since the first of them was sent.
    ///   - remaining: what the pass has left.
    ///   - random: from 0 up to 1, drawn anew for each decision ("full jitter").
    package static func decide(
        _ failure: Failure, tries: Int, elapsed: Duration, remaining: Duration, random: Double
    ) -> Decision {
        let patience = min(maximumElapsed - elapsed, remaining)
        if failure.isPassing, let asked = failure.retryAfter, asked > patience { return .comeBack(after: asked) }
        guard failure.isRetryable, tries < maximumTries else { return .giveUp }
        let ceiling = min(firstCeiling * Double(1 << (tries - 1)), lastCeiling)
        let wait = failure.retryAfter ?? .microseconds(Int64(ceiling * random * 1_000_000))
        return wait > patience ? .giveUp : .wait(wait)
    }
}

/// What the headers `retry-after-ms` and `retry-after` ask for.
package enum RetryAfter {
    /// Milliseconds, else seconds, else an HTTP date (RFC 9110, section 10.2.3); nil where neither says anything.
    package static func wait(milliseconds: String?, secondsOrDate: String?, now: Timestamp) -> Duration? {
        if let duration = milliseconds.flatMap({ duration($0, in: 1000) }) { return duration }
        guard let text = secondsOrDate else { return nil }
        if let duration = duration(text, in: 1_000_000) { return duration }
        return httpDate(text).map { max($0 - now, .zero) }
    }

    /// The longest wait that is believed: what is more is taken for it.
    private static let longest = 100.0 * 365 * 86400 * 1_000_000

    /// A decimal number, with or without a fraction.
    private static func duration(_ text: String, in microseconds: Double) -> Duration? {
        let digits = text.trimmed.utf8
        guard digits.first.map({ $0 >= 48 && $0 <= 57 }) == true,
            digits.allSatisfy({ ($0 >= 48 && $0 <= 57) || $0 == UInt8(ascii: ".") }), let value = Double(text.trimmed)
        else { return nil }
        return .microseconds(Int64(min(value * microseconds, longest)))
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// The three forms that RFC 9110, section 5.6.7, has a recipient understand: `Sun, 06 Nov 1994 08:49:37 GMT`,
    /// `Sunday, 06-Nov-94 08:49:37 GMT`, `Sun Nov  6 08:49:37 1994`.
    private static func httpDate(_ text: String) -> Timestamp? {
        let parts = text.trimmed.split(separator: " ").map(String.init)
        switch parts.count {
        case 6 where parts[5] == "GMT": return date(parts[3], parts[2], parts[1], parts[4])
        case 4 where parts[3] == "GMT":
            let day = parts[1].split(separator: "-").map(String.init)
            guard day.count == 3, let year = Int(day[2]) else { return nil }
            return date(String(year + (year < 70 ? 2000 : 1900)), day[1], day[0], parts[2])
        case 5: return date(parts[4], parts[1], parts[2].utf8.count == 1 ? "0" + parts[2] : parts[2], parts[3])
        default: return nil
        }
    }

    private static func date(_ year: String, _ month: String, _ day: String, _ time: String) -> Timestamp? {
        guard let index = months.firstIndex(of: month) else { return nil }
        return Timestamp(rfc3339: "\(year)-\(index < 9 ? "0" : "")\(index + 1)-\(day)T\(time)Z")
    }
}

extension String {
    /// Without the white space around it.
    package var trimmed: String {
        var text = Substring(self)
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
