import InviteCore

/// The report as JSON, as `config/report.schema.json` describes it.
struct ReportJSON {
    let report: AuditReport

    func write(eachChange: ReportWriter.Changes, _ write: @escaping (String) throws -> Void) throws {
        let request = report.request
        try write("{\n\"report\":\"invite-mirror/1\",\n")
        try write("\"organizations\":\(array(report.organizations.map(\.harmlessJSON))),\n")
        let period = object([("from", text(request.from.description)), ("to", text(request.to.description))])
        try write("\"period\":\(period),\n")
        try write("\"complete\":\(report.isComplete),\n\"verified\":\(report.isVerified.map { "\($0)" } ?? "null"),\n")
        try write("\"generated_from\":\(origin),\n\"settings\":\(settings),\n\"passes\":\(passes),\n")
        try write("\"gaps\":\(array(report.gaps.map(gap))),\n\"reconciliation\":\(ledger),\n")
        try write("\"findings\":\(array(report.findings.map(finding))),\n\"statistics\":\(statistics),\n")
        try write("\"limits\":\(array(AuditReport.limits.map(\.harmlessJSON))),\n\"changes\":[")
        var separator = "\n"
        try eachChange(nil) { change in
            try write(separator + self.change(change))
            separator = ",\n"
        }
        try write("\n]}\n")
    }

    private var origin: String {
        let checkpoint = report.checkpoint.map {
            object([
                ("pass_id", "\($0.pass)"), ("tree_size", "\($0.size)"), ("root_hash", text($0.root)),
                ("note", text($0.note)),
            ])
        }
        let checks = report.verification.map { checks in
            array(
                checks.map {
                    object([
                        ("check", text($0.name)), ("passed", "\($0.passed)"), ("code", text($0.code?.rawValue)),
                        ("detail", text($0.detail)),
                    ])
                })
        }
        return object([
            ("program", text("invite-mirror \(ProgramVersion.current)")), ("schema_version", "\(report.schemaVersion)"),
            ("checkpoint", checkpoint ?? "null"), ("keys", array(report.keys.map(\.harmlessJSON))),
            ("verification", checks ?? "null"),
        ])
    }

    private var settings: String {
        let policy = report.request.policy
        return object([
            ("sync.interval-seconds", "\(report.request.interval.components.seconds)"),
            ("sync.full-interval-seconds", "\(report.request.fullInterval.components.seconds)"),
            ("policy.allowed-domains", array(policy.allowedDomains.map(\.harmlessJSON))),
            ("policy.privileged-roles", array(policy.privilegedRoles.map(\.harmlessJSON))),
            ("policy.stale-after-days", "\(policy.staleAfterDays)"),
        ])
    }

    private var passes: String {
        object([
            ("complete", "\(report.passes.complete)"), ("complete_full", "\(report.passes.full)"),
            ("complete_recent", "\(report.passes.recent)"), ("not_complete", "\(report.passes.failed)"),
            ("first_complete_started_at", text(report.passes.first)),
            ("last_complete_started_at", text(report.passes.last)),
            ("longest_without_pass_seconds", "\(report.passes.longest.components.seconds)"),
            ("longest_without_full_pass_seconds", "\(report.passes.longestWithoutFull.components.seconds)"),
        ])
    }

    private func gap(_ gap: WatchGaps.Gap) -> String {
        object([
            ("kind", text(gap.kind.rawValue)), ("from", text(gap.from.description)), ("to", text(gap.to.description)),
            ("stretch_seconds", "\(gap.whole.components.seconds)"),
            ("allowed_seconds", "\(gap.allowed.components.seconds)"),
        ])
    }

    private var ledger: String {
        let ledger = report.ledger
        let outcomes = OpenLedger.Outcome.allCases.map { ($0.rawValue, "\(ledger.closed[$0] ?? 0)") }
        let before = OpenLedger.Outcome.allCases.map { ($0.rawValue, "\(ledger.closedWhenFirstSeen[$0] ?? 0)") }
        return object(
            [("open_at_start", "\(ledger.openAtStart)"), ("appeared", "\(ledger.appeared)")]
                + [("reopened", "\(ledger.reopened)")] + outcomes
                + [
                    ("open_at_end", "\(ledger.openAtEnd)"), ("adds_up", "\(ledger.addsUp)"),
                    ("closed_when_first_seen", object(before)),
                ])
    }

    private func finding(_ finding: AuditReport.Finding) -> String {
        object([
            ("rule", text(finding.rule.rawValue)),
            ("invite_id", finding.inviteID.isEmpty ? "null" : text(finding.inviteID)),
            ("email", text(finding.email)), ("role", text(finding.role)), ("status", text(finding.status)),
            ("invited_at", text(finding.invitedAt)), ("detail", text(finding.detail)), ("reviewer", "null"),
            ("decision", "null"), ("date", "null"),
        ])
    }

    private var statistics: String {
        let statistics = report.statistics
        let months = statistics.months.keys.sorted().map { month in
            object(
                [("month", text(month))]
                    + OpenLedger.Outcome.allCases.map { ($0.rawValue, "\(statistics.months[month]?[$0] ?? 0)") })
        }
        let waits = zip(AuditReport.Statistics.acceptanceLabels, statistics.acceptanceDays).map { ($0, "\($1)") }
        return object([
            ("open_invites", array(statistics.open.map { "\($0)" })), ("time_to_acceptance", object(waits)),
            ("outcomes_by_month", array(months)),
        ])
    }

    private func change(_ change: AuditReport.Change) -> String {
        object([
            ("seq", "\(change.seq)"), ("invite_id", text(change.inviteID)), ("email", text(change.email)),
            ("role", text(change.role)), ("kind", text(change.kind.rawValue)), ("field", text(change.field)),
            ("old_value", text(change.oldValue)), ("new_value", text(change.newValue)),
            ("evidence", text(change.evidence.rawValue)), ("inferred_from_absence", "\(change.isInferred)"),
            ("not_before", text(change.notBefore)), ("observed_at", text(change.observedAt)),
            ("request_id", text(change.requestID)),
        ])
    }

    private func text(_ value: String?) -> String { value?.harmlessJSON ?? "null" }

    private func array(_ values: [String]) -> String { "[" + values.joined(separator: ",") + "]" }

    private func object(_ members: [(String, String)]) -> String {
        "{" + members.map { "\($0.0.harmlessJSON):\($0.1)" }.joined(separator: ",") + "}"
    }
}
