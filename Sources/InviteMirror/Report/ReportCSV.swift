import InviteCore

/// The report as CSV: one table, whose first column says what a row is. Every cell is harmless in a spreadsheet.
struct ReportCSV {
    let report: AuditReport

    static let columns = [
        "section", "name", "value", "seq", "invite_id", "email", "role", "status", "change", "evidence", "basis",
        "not_before", "observed_at", "request_id", "reviewer", "decision", "date",
    ]

    func write(eachChange: ReportWriter.Changes, _ write: @escaping (String) throws -> Void) throws {
        let facts = ReportFacts(report: report)
        try write(Self.columns.joined(separator: ",") + "\r\n")
        for (label, value) in facts.head { try write(row(["head", label, value])) }
        for gap in report.gaps {
            try write(row(["gap", gap.kind.rawValue, "\(gap.from) to \(gap.to)"]))
        }
        for entry in facts.ledger {
            // In words: a sign at the start of a cell is what a spreadsheet takes for a formula.
            let sign = ["+": "plus: ", "−": "less: "][entry.sign] ?? ""
            let name = sign + entry.label
            try write(row(["reconciliation", name, "\(entry.count)"]))
        }
        for finding in report.findings {
            try write(
                row([
                    "finding", finding.rule.rawValue, finding.detail, "", finding.inviteID, finding.email ?? "",
                    finding.role ?? "", finding.status ?? "",
                ]))
        }
        for limit in AuditReport.limits { try write(row(["limit", "", limit])) }
        try eachChange(nil) { change in
            try write(
                row([
                    "change", change.kind.rawValue, change.field ?? "", "\(change.seq)", change.inviteID,
                    change.email ?? "", change.role ?? "", change.kind == .fieldChanged ? "" : change.newValue ?? "",
                    facts.change(change), change.evidence.rawValue,
                    change.isInferred ? "inferred from absence" : "asserted by the API", change.notBefore ?? "",
                    change.observedAt, change.requestID ?? "",
                ]))
        }
    }

    private func row(_ cells: [String]) -> String {
        let blank = Array(repeating: "", count: Self.columns.count - cells.count)
        return (cells + blank).map(\.csvCell).joined(separator: ",") + "\r\n"
    }
}
