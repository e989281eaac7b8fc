/// When the next pass is due. Planned instants lie a whole number of intervals apart, however long a pass takes.
///
/// Instants are durations since some moment before, on a clock that nobody sets.
package struct Schedule: Sendable, Equatable {
    package let interval: Duration
    /// The instant that the newest pass was planned for.
    package private(set) var planned: Duration
    /// Passes in a row that ended in a way that only an operator can mend.
    private var troubles = 0

    package init(interval: Duration, start: Duration) {
        self.interval = interval
        planned = start
    }

    /// After such a pass the service waits twice as long each time, but no longer than 16 intervals or an hour.
    private var patience: Int {
        let ceiling = max(1, min(16, Int(max(Duration.seconds(3600) / interval, 1))))
        return min(1 << min(troubles, 4), ceiling)
    }

    /// Plans the next pass: the first planned instant after `now`. One that is late runs once, not as often as it
    /// was missed.
    package mutating func advance(now: Duration, needsOperator: Bool) {
        troubles = needsOperator ? troubles + 1 : 0
        let missed = now <= planned ? 0 : Int64((now - planned) / interval)
        planned += interval * Int(max(missed + 1, Int64(patience)))
    }

    /// A pass that was asked for by hand forgives what came before; the planned instants stay.
    package mutating func forgive() {
        troubles = 0
    }

    /// The most that a pass starts after its planned instant, so that many mirrors do not ask at the same moment.
    package var maximumJitter: Duration {
        min(interval / 20, .seconds(10))
    }
}

/// The request budget: so many a minute, and a few at once.
package struct TokenBucket: Sendable {
    private let perSecond: Double
    private let capacity: Double
    private var tokens: Double
    private var filledAt: Duration

    package static let maximumBurst = 20

    package init(perMinute: Int, now: Duration) {
        perSecond = Double(perMinute) / 60
        capacity = Double(min(perMinute, Self.maximumBurst))
        tokens = capacity
        filledAt = now
    }

    /// Takes one token, on credit if there is none: the wait until it is there.
    package mutating func take(now: Duration) -> Duration {
        tokens = min(capacity, tokens + max(0, (now - filledAt).inSeconds) * perSecond)
        filledAt = max(now, filledAt)
        tokens -= 1
        return tokens >= 0 ? .zero : .microseconds(Int64((-tokens / perSecond * 1_000_000).rounded(.up)))
    }
}
