import GRDB
import InviteCore

/// Replays the log, one invite after the other, and counts what a report says of the period.
struct ReportWalk {
    private let request: AuditReport.Request
    private(set) var ledger = OpenLedger()
    var findings: [AuditReport.Finding] = []
    private var statistics = AuditReport.Statistics()
    /// Changes of the number of open invites in each part of the period.
    private var deltas = Array(repeating: 0, count: AuditReport.Statistics.parts)
    /// How often an address was invited until the end, and whether that was in the period too. Addresses are the same
    /// that differ in nothing but the case of the letters A to Z: mail goes to one mailbox then, as a rule.
    private var addresses: [ExactText: (count: Int, inPeriod: Bool)] = [:]

    /// The invite that is being replayed.
    private var id: String?
    private var columns = InviteColumns()
    private var isListed = false
    private var history: [Moment] = []

    private struct Moment {
        let step: OpenLedger.Step
        let kind: InviteEvent.Kind
        let columns: InviteColumns
        let statusBefore: String?
        let isListed: Bool
    }

    /// So many invites of one address are a finding.
    private static let manyInvites = 3

    init(_ request: AuditReport.Request) {
        self.request = request
    }

    mutating func take(_ row: RowReader) throws {
        guard let inviteID = row.text(0), let kind = row.text(1).flatMap(InviteEvent.Kind.init(rawValue:)),
            let evidence = row.text(5).flatMap(InviteEvent.Evidence.init(rawValue:)),
            let observedAt = row.instant(6)
        else { throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "an event cannot be read") }
        // The document is read where it matters alone: for a million events that is most of the time.
        let document = kind == .appeared ? row.text(7) ?? "{}" : "{}"
        let event = InviteEvent(
            inviteID: inviteID, kind: kind, field: row.text(2), oldValue: row.text(3), newValue: row.text(4),
            evidence: evidence, observedAt: observedAt, requestID: nil, document: InviteDocument(canonical: document))
        take(event)
    }

    /// One event after the other, those of an invite together.
    mutating func take(_ event: InviteEvent) {
        if id.map({ !$0.utf8.elementsEqual(event.inviteID.utf8) }) ?? true {
            endInvite()
            id = event.inviteID
            columns = InviteColumns()
            isListed = false
        }
        let (wasOpen, statusBefore) = (isOpen, columns.status)
        event.apply(to: &columns, isListed: &isListed)
        history.append(
            Moment(
                step: .init(event, wasOpen: wasOpen, isOpen: isOpen), kind: event.kind, columns: columns,
                statusBefore: statusBefore, isListed: isListed))
    }

    private var isOpen: Bool { columns.status == "pending" && isListed }

    mutating func endInvite() {
        guard let id else { return }
        let period = ledger.take(history.map(\.step), from: request.from, to: request.to)
        if period.upperBound > 0 {
            for moment in history[period] { count(moment) }
            find(id, period)
        }
        history.removeAll(keepingCapacity: true)
        self.id = nil
    }

    // MARK: Pictures

    private mutating func count(_ moment: Moment) {
        let step = moment.step
        switch step.move {
        case .opened, .reopened: deltas[part(step.observedAt)] += 1
        case .closed(let outcome):
            deltas[part(step.observedAt)] -= 1
            let month = String(step.observedAt.description.prefix(7))
            statistics.months[month, default: [:]][outcome, default: 0] += 1
            if outcome == .accepted, let invited = moment.columns.invitedAt.flatMap({ Timestamp(rfc3339: $0) }) {
                let wait = step.observedAt - invited
                let limits = AuditReport.Statistics.acceptanceLimits
                statistics.acceptanceDays[limits.firstIndex { wait < $0 } ?? limits.count] += 1
            }
        case .firstSeenClosed, nil: break
        }
    }

    private func part(_ instant: Timestamp) -> Int {
        let whole = request.to.microseconds - request.from.microseconds
        let offset = min(max(instant.microseconds - request.from.microseconds, 0), max(whole - 1, 0))
        return min(
            AuditReport.Statistics.parts - 1, Int(Double(offset) / Double(max(whole, 1)) * Double(deltas.count)))
    }

    var finishedStatistics: AuditReport.Statistics {
        var statistics = statistics
        statistics.open = deltas.reduce(into: [ledger.openAtStart]) { $0.append(($0.last ?? 0) + $1) }
        return statistics
    }

    // MARK: Findings

    private mutating func find(_ id: String, _ period: Range<Int>) {
        let last = history[period.upperBound - 1]
        let wasOpen = period.lowerBound > 0 && history[period.lowerBound - 1].step.isOpen
        let appeared = history[period].contains { $0.kind == .appeared }
        if let email = last.columns.email.map({ ExactText($0.asciiLowercased) }) {
            let known = addresses[email] ?? (0, false)
            addresses[email] = (known.count + 1, known.inPeriod || appeared)
        }
        for index in period {
            let moment = history[index]
            let isGone =
                moment.kind == .vanished
                || (moment.kind == .statusChanged && moment.columns.status == "deleted")
            guard isGone, moment.statusBefore == "accepted" else { continue }
            add(.goneAfterAccepted, id, moment, "seen to be gone at \(moment.step.observedAt)")
        }
        guard wasOpen || appeared || history[period].contains(where: { $0.step.isOpen }) else { return }
        let policy = request.policy
        if !policy.allowedDomains.isEmpty, !policy.allows(last.columns.email) {
            add(.outsideDomain, id, last, "its domain is not allowed")
        }
        if let role = last.columns.role, policy.privilegedRoles.contains(where: { $0.isIdentical(to: role) }) {
            add(.privilegedRole, id, last, "the role is privileged")
        }
        if last.step.isOpen, let invited = last.columns.invitedAt.flatMap({ Timestamp(rfc3339: $0) }),
            request.to - invited > .seconds(policy.staleAfterDays * 86400)
        {
            let days = Int((request.to - invited) / .seconds(86400))
            add(.stale, id, last, "pending for \(days) days at the end of the period")
        }
    }

    private mutating func add(_ rule: AuditReport.Finding.Rule, _ id: String, _ moment: Moment, _ detail: String) {
        findings.append(
            AuditReport.Finding(
                rule: rule, inviteID: id, email: moment.columns.email, role: moment.columns.role,
                status: moment.columns.status, invitedAt: moment.columns.invitedAt, detail: detail))
    }

    /// Addresses with many invites, one of them new in the period.
    var repeatedAddresses: [(email: String, count: Int)] {
        addresses.filter { $0.value.inPeriod && $0.value.count >= Self.manyInvites }
            .map { (email: $0.key.string, count: $0.value.count) }
            .sorted { one, other in
                guard one.count == other.count else { return one.count > other.count }
                return one.email.utf8.lexicographicallyPrecedes(other.email.utf8)
            }
    }

    /// By rule, then in the order in which they were found.
    var sortedFindings: [AuditReport.Finding] {
        AuditReport.Finding.Rule.allCases.flatMap { rule in findings.filter { $0.rule == rule } }
    }
}

extension Settings.Policy {
    /// Whether an address is of an allowed domain, byte for byte but for the case of A to Z; `.example.com` allows
    /// those below `example.com`.
    func allows(_ email: String?) -> Bool {
        guard let email, let at = email.lastIndex(of: "@") else { return false }
        let domain = String(email[email.index(after: at)...]).asciiLowercased
        return allowedDomains.contains { allowed in
            allowed.hasPrefix(".")
                ? domain.utf8.reversed().starts(with: allowed.utf8.reversed())
                : domain.isIdentical(to: allowed)
        }
    }
}
