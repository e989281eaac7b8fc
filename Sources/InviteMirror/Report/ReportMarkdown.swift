import InviteCore

/// The report as Markdown, for a wiki or a ticket. What the API sent is text in it and nothing else.
struct ReportMarkdown {
    let report: AuditReport

    func write(eachChange: ReportWriter.Changes, _ write: @escaping (String) throws -> Void) throws {
        let facts = ReportFacts(report: report)
        try write("# Invites: \(facts.organization.markdown)\n\n\(facts.period), **\(facts.verdict)**\n\n")
        try table(["What", "Value"], facts.head.map { [$0.label, $0.value] }, write)
        if !report.gaps.isEmpty {
            try write("## Gaps\n\n")
            try table(ReportFacts.gapHeader, report.gaps.map(facts.gap), write)
        }
        try write("## Reconciliation\n\n")
        let ledger = facts.ledger.map { [$0.sign, $0.label, $0.count.grouped, $0.note] }
        try table(["", "Invites", "Count", "Note"], ledger, write)
        try writeFindings(facts, write)
        try writeChanges(facts, eachChange, write)
        try write("## What the API does not tell\n\n")
        for limit in AuditReport.limits { try write("- \(limit.markdown)\n") }
    }

    private func writeFindings(_ facts: ReportFacts, _ write: @escaping (String) throws -> Void) throws {
        try write("## Findings\n\n")
        if report.findings.isEmpty { try write("None.\n\n") }
        for rule in AuditReport.Finding.Rule.allCases {
            let findings = facts.findings(of: rule)
            guard !findings.isEmpty else { continue }
            try write("### \(rule.title): \(findings.count.grouped)\n\n")
            let rows = findings.prefix(ReportWriter.shownFindings).map {
                [$0.inviteID, $0.email ?? "", $0.role ?? "", $0.status ?? "", $0.detail, "", "", ""]
            }
            try table(
                ["Invite", "Address", "Role", "Status", "Why", "Reviewer", "Decision", "Date"], Array(rows), write)
            if findings.count > rows.count {
                try write("The first \(rows.count.grouped) of them; CSV and JSON have all.\n\n")
            }
        }
    }

    private func writeChanges(
        _ facts: ReportFacts, _ eachChange: ReportWriter.Changes, _ write: @escaping (String) throws -> Void
    ) throws {
        try write("## Changes: \(report.changeCount.grouped)\n\n")
        if report.changeCount == 0 { return try write("None.\n\n") }
        var rows: [[String]] = []
        try eachChange(ReportWriter.shownChanges) { change in
            rows.append([
                "\(change.seq)", change.email ?? "", change.role ?? "", facts.change(change), facts.evidence(change),
                change.notBefore ?? "—", change.observedAt, change.requestID ?? "—",
            ])
        }
        try table(
            ["Seq", "Address", "Role", "Change", "Evidence", "Not before", "Observed at", "Request"], rows, write)
        if report.changeCount > rows.count {
            try write("The first \(rows.count.grouped) of them; CSV and JSON have all.\n\n")
        }
    }

    private func table(_ header: [String], _ rows: [[String]], _ write: @escaping (String) throws -> Void) throws {
        try write("| \(header.joined(separator: " | ")) |\n|\(String(repeating: " --- |", count: header.count))\n")
        for row in rows { try write("| \(row.map(\.markdown).joined(separator: " | ")) |\n") }
        try write("\n")
    }
}
