/// Stretches of a period in which nobody watched for longer than the schedule allows.
package struct WatchGaps: Sendable {
    /// A complete pass.
    package struct Pass: Sendable {
        package let startedAt: Timestamp
        package let finishedAt: Timestamp
        package let isFull: Bool

        package init(startedAt: Timestamp, finishedAt: Timestamp, isFull: Bool) {
            self.startedAt = startedAt
            self.finishedAt = finishedAt
            self.isFull = isFull
        }
    }

    package struct Gap: Sendable, Equatable {
        package enum Kind: String, Sendable {
            /// No complete pass at all.
            case noPass = "no_pass"
            /// Only recent ones, which see everything that can still change, but not what happens to an invite that was
            /// accepted, expired or gone: that may have been seen late.
            case noFullPass = "no_full_pass"
        }

        package let kind: Kind
        package let from: Timestamp
        package let to: Timestamp
        /// How long the stretch is of which this is the part in the period.
        package let whole: Duration
        /// How long the schedule lets such a stretch be.
        package let allowed: Duration
    }

    /// Starting a process, waiting for a lock, a clock that is corrected: never a reason to call a period incomplete.
    private static let slack = Duration.seconds(60)

    private let from: Timestamp
    private let to: Timestamp
    private let interval: Duration
    private let fullInterval: Duration

    package init(from: Timestamp, to: Timestamp, interval: Duration, fullInterval: Duration) {
        self.from = from
        self.to = to
        self.interval = interval
        self.fullInterval = fullInterval
    }

    /// The longest stretch of the period without the start of a complete pass, or of a full one.
    ///
    /// - Parameter passes: all complete ones in the order of their start.
    package func longest(_ passes: [Pass], full: Bool) -> Duration {
        let starts = passes.filter { $0.isFull || !full }.map(\.startedAt).filter { from < $0 && $0 < to }
        return zip([from] + starts, starts + [to]).map { $1 - $0 }.max() ?? .zero
    }

    /// - Parameter passes: all complete ones in the order of their start, those before and after the period included.
    package func gaps(_ passes: [Pass]) -> [Gap] {
        let all = stretches(passes, every: interval, kind: .noPass)
        let full = stretches(passes.filter(\.isFull), every: max(fullInterval, interval) + interval, kind: .noFullPass)
        // Where nobody watched, nobody watched everything either.
        let others = full.filter { gap in !all.contains { $0.from <= gap.from && gap.to <= $0.to } }
        return (all + others).sorted { ($0.from, $0.to) < ($1.from, $1.to) }
    }

    private func stretches(_ passes: [Pass], every interval: Duration, kind: Gap.Kind) -> [Gap] {
        var gaps: [Gap] = []
        func look(_ start: Timestamp, _ end: Timestamp, after pass: Pass?) {
            let allowed = allowance(after: pass, every: interval)
            guard end - start > allowed, start < to, end > from else { return }
            gaps.append(
                Gap(kind: kind, from: max(start, from), to: min(end, to), whole: end - start, allowed: allowed))
        }
        var before: Pass?
        for pass in passes {
            look(before?.startedAt ?? from, pass.startedAt, after: before)
            before = pass
        }
        if let before { look(before.startedAt, to, after: before) } else { look(from, to, after: nil) }
        return gaps
    }

    /// A pass that takes longer than the interval makes the service miss planned instants, which is as it should be.
    private func allowance(after pass: Pass?, every interval: Duration) -> Duration {
        let duration = pass.map { max(.zero, $0.finishedAt - $0.startedAt) } ?? .zero
        let intervals = max(1, Int((duration / interval).rounded(.up)))
        return interval * intervals + min(interval / 20, .seconds(10)) + Self.slack
    }
}
