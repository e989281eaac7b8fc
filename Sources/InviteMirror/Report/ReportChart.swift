import InviteCore

/// The report's pictures as SVG of our own numbers alone: nothing that the API sent stands in them.
struct ReportChart {
    let report: AuditReport

    private static let width = 720.0
    private static let height = 200.0
    private static let left = 60.0
    private static let bottom = 30.0
    /// Room for a number above the highest bar, in the large letters that a phone gets.
    private static let top = 28.0

    private var plotWidth: Double { Self.width - Self.left - 8 }
    private var plotHeight: Double { Self.height - Self.bottom - Self.top }

    // MARK: Open invites

    /// A line with the area below it.
    var open: String {
        let values = report.statistics.open
        let most = Self.ceiling(values.max() ?? 0)
        let points = values.enumerated().map { index, value in
            let x = Self.left + plotWidth * Double(index) / Double(max(1, values.count - 1))
            return "\(Self.number(x)),\(Self.number(y(value, most)))"
        }
        let floor = Self.number(Self.top + plotHeight)
        let area =
            "\(Self.number(Self.left)),\(floor) \(points.joined(separator: " ")) "
            + "\(Self.number(Self.left + plotWidth)),\(floor)"
        let body = """
            \(axis(most))<polygon class="area" points="\(area)"/>\
            <polyline class="line" points="\(points.joined(separator: " "))"/>\(dates)
            """
        let range = "between \((values.min() ?? 0).grouped) and \((values.max() ?? 0).grouped)"
        return svg("Open invites over the period: \(range)", height: Self.height, body)
    }

    // MARK: Time to acceptance

    var acceptance: String {
        let values = report.statistics.acceptanceDays
        let most = Self.ceiling(values.max() ?? 0)
        let step = plotWidth / Double(values.count)
        var body = axis(most)
        for (index, value) in values.enumerated() {
            let x = Self.left + step * Double(index)
            body += bar(x: x + step * 0.15, width: step * 0.7, from: 0, to: value, most: most, style: "accepted")
            body += label(Self.short(value), x: x + step / 2, y: y(value, most) - 4, anchor: "middle", style: "value")
            body += label(Self.waits[index], x: x + step / 2, y: Self.height - 8, anchor: "middle")
        }
        let words = zip(AuditReport.Statistics.acceptanceLabels, values).map { "\($0): \($1.grouped)" }.joined(
            separator: ", ")
        return svg("Time from invitation to acceptance: \(words)", height: Self.height, body)
    }

    /// ``AuditReport/Statistics/acceptanceLabels`` where there is little room.
    private static let waits = ["&lt; 1 h", "1–24 h", "1–3 d", "3–7 d", "7–14 d", "&gt; 14 d"]

    // MARK: Outcomes by month

    static let outcomeStyles: [(outcome: OpenLedger.Outcome, style: String)] = [
        (.accepted, "accepted"), (.expired, "expired"), (.deletedAsserted, "deleted"), (.deletedInferred, "inferred"),
        (.vanished, "vanished"), (.other, "other"),
    ]

    /// The newest 36 months at the most.
    var months: [String] { report.statistics.months.keys.sorted().suffix(36) }

    var outcomes: String {
        let totals = months.map { report.statistics.months[$0]?.values.reduce(0, +) ?? 0 }
        let most = Self.ceiling(totals.max() ?? 0)
        let step = min(110, plotWidth / Double(max(1, months.count)))
        var body = axis(most)
        for (index, month) in months.enumerated() {
            let x = Self.left + step * Double(index)
            var below = 0
            for (outcome, style) in Self.outcomeStyles {
                let count = report.statistics.months[month]?[outcome] ?? 0
                guard count > 0 else { continue }
                body += bar(
                    x: x + step * 0.2, width: step * 0.6, from: below, to: below + count, most: most, style: style)
                below += count
            }
            let total = totals[index]
            guard months.count <= 12 || index % 3 == 0 else { continue }
            // A phone has room for half of them.
            let wide = months.count > 5 && (months.count <= 12 ? index % 2 : index % 6) != 0 ? " wide" : ""
            body += label(month, x: x + step / 2, y: Self.height - 8, anchor: "middle", style: "label\(wide)")
            body += label(
                Self.short(total), x: x + step / 2, y: y(total, most) - 4, anchor: "middle", style: "value\(wide)")
        }
        let words = zip(months, totals).map { "\($0): \($1.grouped)" }.joined(separator: ", ")
        return svg("Outcomes by month. \(words)", height: Self.height, body)
    }

    // MARK: Coverage

    /// The period as a strip: gaps are hatched, stretches with recent passes alone for too long are lined.
    var coverage: String {
        let (from, to) = (report.request.from.microseconds, report.request.to.microseconds)
        func x(_ instant: Timestamp) -> Double {
            8 + (Self.width - 16) * Double(instant.microseconds - from) / Double(max(1, to - from))
        }
        var body = """
            <defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" \
            patternTransform="rotate(45)"><rect class="gap" width="6" height="6"/>\
            <line class="hatch" x1="0" y1="0" x2="0" y2="6"/></pattern>\
            <pattern id="late" width="6" height="6" patternUnits="userSpaceOnUse">\
            <rect class="watched" width="6" height="6"/><line class="late" x1="0" y1="0" x2="6" y2="0"/></pattern>\
            </defs>\
            <rect class="watched" x="8" y="6" width="\(Self.number(Self.width - 16))" height="34"/>
            """
        for gap in report.gaps {
            let left = Self.number(x(gap.from))
            let width = Self.number(max(1.5, x(gap.to) - x(gap.from)))
            let style = gap.kind == .noPass ? "hatch" : "late"
            body += "<rect fill=\"url(#\(style))\" x=\"\(left)\" y=\"6\" width=\"\(width)\" height=\"34\"/>"
        }
        body += label(report.request.from.minute, x: 8, y: 64, anchor: "start")
        body += label(report.request.to.minute, x: Self.width - 8, y: 64, anchor: "end")
        let count = report.gaps.count
        return svg(
            style: "strip", count == 0 ? "Coverage: no gap in the period" : "Coverage: \(count.grouped) gaps",
            height: 72, body)
    }

    // MARK: Parts

    private func svg(style: String = "chart", _ title: String, height: Double, _ body: String) -> String {
        """
        <svg class="\(style)" role="img" viewBox="0 0 \(Self.number(Self.width)) \(Self.number(height))" \
        aria-label="\(title)">\(body)</svg>
        """
    }

    private func y(_ value: Int, _ most: Int) -> Double {
        Self.top + plotHeight * (1 - Double(value) / Double(most))
    }

    private func axis(_ most: Int) -> String {
        [0, most / 2, most].map { value in
            let y = Self.number(y(value, most))
            return """
                <line class="grid" x1="\(Self.number(Self.left))" x2="\(Self.number(Self.left + plotWidth))" \
                y1="\(y)" y2="\(y)"/>
                """ + label(Self.short(value), x: Self.left - 6, y: self.y(value, most) + 4, anchor: "end")
        }.joined()
    }

    private var dates: String {
        label(report.request.from.minute, x: Self.left, y: Self.height - 8, anchor: "start")
            + label(report.request.to.minute, x: Self.left + plotWidth, y: Self.height - 8, anchor: "end")
    }

    private func bar(x: Double, width: Double, from: Int, to: Int, most: Int, style: String) -> String {
        """
        <rect class="\(style)" x="\(Self.number(x))" y="\(Self.number(y(to, most)))" width="\(Self.number(width))" \
        height="\(Self.number(y(from, most) - y(to, most)))"/>
        """
    }

    private func label(_ text: String, x: Double, y: Double, anchor: String, style: String = "label") -> String {
        """
        <text class="\(style)" x="\(Self.number(x))" y="\(Self.number(y))" text-anchor="\(anchor)">\(text)</text>
        """
    }

    /// Exact as long as there is room: `12,345`, `120k`, `1.2M`.
    private static func short(_ value: Int) -> String {
        switch value {
        case ..<100_000: value.grouped
        case ..<1_000_000: "\(value / 1000)k"
        default: "\(value / 1_000_000).\(value / 100_000 % 10)M"
        }
    }

    /// The next even number of one or two figures that is not smaller: 2, 4, … 10, 20, …
    private static func ceiling(_ value: Int) -> Int {
        var scale = 2
        while scale * 10 < value { scale *= 10 }
        return max(scale, (value + scale - 1) / scale * scale)
    }

    /// Two decimals, the same on every machine.
    private static func number(_ value: Double) -> String {
        let hundredths = Int((value * 100).rounded())
        let fraction = hundredths % 100
        return fraction == 0 ? "\(hundredths / 100)" : "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction)"
    }
}
