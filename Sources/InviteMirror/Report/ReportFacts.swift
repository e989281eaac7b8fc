import InviteCore

/// The report's facts as rows of text, which the formats for people share.
struct ReportFacts {
    let report: AuditReport

    var verdict: String { report.isComplete ? "COMPLETE" : "INCOMPLETE" }

    var verdictSentence: String {
        guard !report.isComplete else {
            return "The period was watched from start to end, without a stretch longer than the schedule allows."
        }
        let count = report.gaps.count
        return """
            \(count.grouped) \(count == 1 ? "stretch" : "stretches") of the period \(count == 1 ? "was" : "were") not \
            watched as the schedule wants it. What happened then was seen later, or not at all.
            """
    }

    var organization: String {
        report.organizations.isEmpty ? "not named by the API" : report.organizations.joined(separator: ", ")
    }

    var period: String { "\(report.request.from.short) to \(report.request.to.short)" }

    var verification: String {
        guard let checks = report.verification else { return "not verified: it was not asked for" }
        guard let failed = checks.first(where: { !$0.passed }) else {
            return "verified: \(checks.count) checks passed"
        }
        return "NOT verified: \(failed.detail)"
    }

    var head: [(label: String, value: String)] {
        let checkpoint = report.checkpoint.map { stored in
            "pass \(stored.pass), \(stored.size.grouped) events, root \(stored.root)"
        }
        return [
            ("Organisation", organization), ("Period", "\(period) (UTC; the end is not part of it)"),
            ("Coverage", "\(verdict). \(verdictSentence)"), ("Log", verification),
            ("Signed by", report.keys.isEmpty ? "nobody yet" : report.keys.joined(separator: ", ")),
            ("Generated from", checkpoint.map { "checkpoint of \($0)" } ?? "a log without a signed checkpoint"),
            ("Program", "invite-mirror \(ProgramVersion.current), schema version \(report.schemaVersion)"),
            ("Passes in the period", passes), ("Longest stretch", stretches),
            (
                "Schedule",
                "a pass every \(report.request.interval.words), a full one every \(report.request.fullInterval.words)"
            ),
            ("Policy", policy),
        ]
    }

    private var passes: String {
        let passes = report.passes
        let counts = """
            \(passes.full.grouped) full and \(passes.recent.grouped) recent ones complete, \
            \(passes.failed.grouped) not complete
            """
        guard let first = passes.first, let last = passes.last else {
            return counts + (passes.before.map { "; the newest complete one before it started \($0)" } ?? "")
        }
        return counts + "; the first complete one started \(first), the last \(last)"
    }

    private var stretches: String {
        """
        \(report.passes.longest.words) without the start of a complete pass, \
        \(report.passes.longestWithoutFull.words) without that of a full one
        """
    }

    private var policy: String {
        let policy = report.request.policy
        let domains =
            policy.allowedDomains.isEmpty
            ? "any domain (policy.allowed-domains is not set)" : policy.allowedDomains.joined(separator: ", ")
        let roles = policy.privilegedRoles.isEmpty ? "none" : policy.privilegedRoles.joined(separator: ", ")
        return "domains: \(domains); privileged roles: \(roles); stale after \(policy.staleAfterDays) days"
    }

    struct LedgerRow {
        let sign: String
        let label: String
        let count: Int
        let note: String
    }

    var ledger: [LedgerRow] {
        let ledger = report.ledger
        var rows = [
            LedgerRow(sign: "", label: "open at the start", count: ledger.openAtStart, note: ""),
            LedgerRow(sign: "+", label: "appeared", count: ledger.appeared, note: "seen for the first time"),
        ]
        if ledger.reopened > 0 {
            rows.append(
                LedgerRow(sign: "+", label: "opened again", count: ledger.reopened, note: "sent or listed once more"))
        }
        for outcome in OpenLedger.Outcome.allCases where outcome != .other || ledger.closed[.other] != nil {
            let before = ledger.closedWhenFirstSeen[outcome] ?? 0
            rows.append(
                LedgerRow(
                    sign: "−", label: outcome.title, count: ledger.closed[outcome] ?? 0,
                    note: before > 0 ? "\(before.grouped) of them were so when first seen" : ""))
        }
        rows.append(
            LedgerRow(
                sign: "=", label: "open at the end", count: ledger.openAtEnd,
                note: ledger.addsUp ? "it adds up" : "IT DOES NOT ADD UP"))
        return rows
    }

    func gap(_ gap: WatchGaps.Gap) -> [String] {
        let length = gap.to - gap.from
        return [
            gap.from.description, gap.to.description,
            gap.whole > length ? "\(length.words) of \(gap.whole.words)" : length.words,
            gap.kind == .noPass ? "no complete pass" : "no full pass, recent ones only", gap.allowed.words,
        ]
    }

    static let gapHeader = ["From", "To", "Length", "What was missing", "Allowed"]

    func findings(of rule: AuditReport.Finding.Rule) -> [AuditReport.Finding] {
        report.findings.filter { $0.rule == rule }
    }

    func change(_ change: AuditReport.Change) -> String {
        switch change.kind {
        case .appeared: "appeared as \(change.newValue ?? "null")"
        case .statusChanged:
            "\(change.oldValue ?? "null") → \(change.newValue ?? "null")"
        case .fieldChanged: "\(change.field ?? ""): \(change.oldValue ?? "null") → \(change.newValue ?? "null")"
        case .vanished: "vanished"
        case .reappeared: "reappeared"
        }
    }

    func evidence(_ change: AuditReport.Change) -> String {
        switch change.evidence {
        case .listed: "asserted: listed"
        case .fetched: "asserted: fetched"
        case .notFound: "inferred: 404"
        }
    }
}

extension Timestamp {
    /// A date alone where it is the first instant of a day, else the whole instant.
    var short: String {
        let text = description
        return text.hasSuffix("T00:00:00.000000Z") ? String(text.prefix(10)) : text
    }

    /// To the minute, for where there is little room: `2026-11-01`, `2026-11-01 09:30`.
    var minute: String {
        let text = description
        return text.hasSuffix("T00:00:00.000000Z")
            ? String(text.prefix(10)) : "\(text.prefix(10)) \(text.dropFirst(11).prefix(5))"
    }
}

extension Duration {
    /// Rough, for people: `45 s`, `5 min`, `3.5 h`, `12 days`.
    var words: String {
        let seconds = Int(max(0, inSeconds.rounded()))
        switch seconds {
        case ..<120: return "\(seconds) s"
        case ..<7200: return "\(seconds / 60) min"
        case ..<172_800:
            let tenths = (seconds + 180) / 360
            return tenths % 10 == 0 ? "\(tenths / 10) h" : "\(tenths / 10).\(tenths % 10) h"
        default: return "\(seconds / 86400) days"
        }
    }
}
