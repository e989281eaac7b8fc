import AdminAPISimulator
import InviteCore
import Testing

@testable import InviteMirror

@Suite struct SimulatedReconciliationTests {
    /// What passes over an organisation would record, without a database: it is looked at on some days of its life.
    private struct Watcher {
        var walk: [String: [InviteEvent]] = [:]
        private var status: [String: String] = [:]

        mutating func look(_ organization: SimulatedOrganization, at instant: Timestamp) {
            var seen: Set<String> = []
            for invite in organization.newestFirst {
                let now = "\(invite.status.rawValue)"
                seen.insert(invite.id)
                let before = status.updateValue(now, forKey: invite.id)
                guard before != now else { continue }
                record(invite.id, before == nil ? .appeared : .statusChanged, now, instant)
            }
            for id in status.keys where !seen.contains(id) {
                status[id] = nil
                record(id, .vanished, nil, instant)
            }
        }

        private mutating func record(_ id: String, _ kind: InviteEvent.Kind, _ status: String?, _ instant: Timestamp) {
            walk[id, default: []].append(
                InviteEvent(
                    inviteID: id, kind: kind, newValue: status, evidence: .listed, observedAt: instant, requestID: nil,
                    document: InviteDocument(canonical: "{\"status\":\"\(status ?? "")\"}")))
        }
    }

    @Test("the reconciliation adds up for 1,000 simulated organisations, and ends with what is open there")
    func addsUp() {
        let start = Timestamp(typed: "2026-11-01")!
        var (adding, events) = (0, 0)
        for seed in 1...1000 as ClosedRange<UInt64> {
            var organization = SimulatedOrganization(seed: seed, invites: 25, now: start)
            var watcher = Watcher()
            let days = [0, 1, 2, 5, 9, 16, 24, 40]
            for day in days {
                let instant = start + .seconds(day * 86400)
                organization.wind(to: instant)
                watcher.look(organization, at: instant)
            }
            let request = AuditReport.Request(
                from: start + .seconds(3 * 86400), to: start + .seconds(41 * 86400),
                policy: .init(allowedDomains: [], privilegedRoles: [], staleAfterDays: 14), interval: .seconds(1),
                fullInterval: .seconds(1), verifies: false)
            var walk = ReportWalk(request)
            for events in watcher.walk.values { for event in events { walk.take(event) } }
            walk.endInvite()
            let open = organization.newestFirst.count { "\($0.status.rawValue)" == "pending" }
            #expect(walk.ledger.addsUp, "seed \(seed)")
            #expect(walk.ledger.openAtEnd == open, "seed \(seed)")
            #expect(walk.finishedStatistics.open.last == open, "seed \(seed)")
            events += watcher.walk.values.reduce(0) { $0 + $1.count }
            if walk.ledger.addsUp && walk.ledger.openAtEnd == open { adding += 1 }
        }
        print("reconciliation: adds up for \(adding) of 1000 simulated organisations, over \(events) events")
    }
}
