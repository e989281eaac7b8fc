import InviteCore
import Mustache

/// The report as one HTML file: no script, nothing from elsewhere.
struct ReportHTML {
    let report: AuditReport

    /// Escapes scalar by scalar: the library's own escaping goes by grapheme clusters, so that a quotation mark with
    /// a combining mark after it would pass as it is.
    private struct Escaping: MustacheContentType {
        func escapeText(_ text: String) -> String {
            text.visible.unicodeScalars.reduce(into: "") { output, scalar in
                switch scalar {
                case "<": output += "&lt;"
                case ">": output += "&gt;"
                case "&": output += "&amp;"
                case "\"": output += "&quot;"
                case "'": output += "&#39;"
                default: output.unicodeScalars.append(scalar)
                }
            }
        }
    }

    private static let library: Result<MustacheLibrary, any Error> = Result {
        MustacheContentTypes.register(Escaping(), named: "REPORT")
        let sources = [
            "style": PackageResources.style_mustache, "start": PackageResources.start_mustache,
            "change": PackageResources.change_mustache, "end": PackageResources.end_mustache,
        ]
        return MustacheLibrary(
            templates: try sources.mapValues { try MustacheTemplate(string: String(decoding: $0, as: UTF8.self)) })
    }

    func write(eachChange: ReportWriter.Changes, _ write: @escaping (String) throws -> Void) throws {
        let library = try Self.library.get()
        func render(_ context: [String: Any], _ name: String) throws {
            try write(library.render(context, withTemplate: name) ?? "")
        }
        let facts = ReportFacts(report: report)
        try render(start(facts), "start")
        var shown = 0
        try eachChange(ReportWriter.shownChanges) { change in
            shown += 1
            try render(self.change(change, facts), "change")
        }
        try render(end(shown: shown), "end")
    }

    private func start(_ facts: ReportFacts) -> [String: Any] {
        let chart = ReportChart(report: report)
        return [
            "organization": facts.organization, "period": facts.period, "verdict": facts.verdict,
            "verdictClass": report.isComplete ? "good" : "bad", "verdictSentence": facts.verdictSentence,
            "isUnverified": report.isVerified == false, "verification": facts.verification,
            "head": facts.head.map { ["label": $0.label, "value": $0.value] },
            "gapHeader": ReportFacts.gapHeader, "hasGaps": !report.gaps.isEmpty,
            "gaps": report.gaps.map { gap($0, facts) },
            "ledger": facts.ledger.map {
                [
                    "sign": $0.sign, "label": $0.label, "count": $0.count.grouped, "note": $0.note,
                    "class": $0.sign == "=" ? "total" : "",
                ]
            },
            "coverage": chart.coverage, "open": chart.open, "acceptance": chart.acceptance, "outcomes": chart.outcomes,
            "hasOutcomes": !chart.months.isEmpty,
            "legend": ReportChart.outcomeStyles.map { ["style": $0.style, "title": $0.outcome.title] },
            "rules": rules(facts), "hasFindings": !report.findings.isEmpty, "changeCount": report.changeCount.grouped,
            "hasChanges": report.changeCount > 0,
        ]
    }

    private func gap(_ gap: WatchGaps.Gap, _ facts: ReportFacts) -> [String: Any] {
        let cells = zip(ReportFacts.gapHeader, facts.gap(gap)).map { ["label": $0, "value": $1] }
        return ["from": cells[0]["value"] ?? "", "cells": Array(cells.dropFirst())]
    }

    private func rules(_ facts: ReportFacts) -> [[String: Any]] {
        AuditReport.Finding.Rule.allCases.compactMap { rule in
            let findings = facts.findings(of: rule)
            guard !findings.isEmpty else { return nil }
            let shown = findings.prefix(ReportWriter.shownFindings)
            return [
                "title": rule.title, "count": findings.count.grouped,
                "more": findings.count > shown.count ? shown.count.grouped : "",
                "hasMore": findings.count > shown.count,
                "findings": shown.map {
                    [
                        "invite": $0.inviteID.isEmpty ? "several" : $0.inviteID, "email": $0.email ?? "—",
                        "role": $0.role ?? "—", "status": $0.status ?? "—", "detail": $0.detail,
                    ]
                },
            ]
        }
    }

    private func change(_ change: AuditReport.Change, _ facts: ReportFacts) -> [String: Any] {
        [
            "seq": "\(change.seq)", "email": change.email ?? "—", "role": change.role ?? "—",
            "invite": change.inviteID, "change": facts.change(change), "evidence": facts.evidence(change),
            "evidenceClass": change.isInferred ? "inferred" : "asserted", "notBefore": change.notBefore ?? "—",
            "observedAt": change.observedAt, "request": change.requestID ?? "—",
        ]
    }

    private func end(shown: Int) -> [String: Any] {
        // Line by line: a line break within a value would be made visible.
        let note = report.checkpoint?.note.split(separator: "\n", omittingEmptySubsequences: false).dropLast() ?? []
        return [
            "hasChanges": report.changeCount > 0, "hasMore": report.changeCount > shown, "shown": shown.grouped,
            "count": report.changeCount.grouped, "limits": AuditReport.limits,
            "program": "invite-mirror \(ProgramVersion.current)", "hasNote": !note.isEmpty,
            "note": note.map(String.init),
        ]
    }
}
