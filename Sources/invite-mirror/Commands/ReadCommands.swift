import ArgumentParser
import Foundation
import InviteCore
import InviteMirror

/// An instant as a person types it.
struct TypedInstant: ExpressibleByArgument {
    let instant: Timestamp

    init?(argument: String) {
        guard let instant = Timestamp(typed: argument) else { return nil }
        self.instant = instant
    }

    static let help = "an instant (2026-11-01T09:00:00Z) or a date (its first instant in UTC)"
}

extension InviteEvent.Kind: ExpressibleByArgument {}

struct EventsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events", abstract: "Prints the event log, oldest first.")

    @OptionGroup var options: SettingsOptions

    @Option(help: "Only events observed at or after \(TypedInstant.help).")
    var since: TypedInstant?

    @Option(help: "Only events of the invite with this id.")
    var invite: String?

    @Option(help: "Only events of this kind: appeared, status_changed, field_changed, vanished, reappeared.")
    var kind: InviteEvent.Kind?

    @Option(help: "Only events after the one with this seq.")
    var after: Int?

    @Flag(help: "Then wait for new ones and print each as it is committed: one JSON object a line.")
    var follow = false

    @Option(help: "text or json.")
    var format = OutputFormat.text

    func run() async throws {
        if follow {
            return try await EventFollower(path: options.read().databasePath).run(after: after ?? 0) { last, limit in
                .events(since: since?.instant, invite: invite, kind: kind, after: last, limit: limit)
            }
        }
        let query = MirrorQuery.events(since: since?.instant, invite: invite, kind: kind, after: after)
        let columns = ["seq", "observed_at", "invite_id", "kind", "change", "evidence", "request_id"]
        try RowPrinter(reader: options.openReader(), format: format).print(query, columns: columns) { row in
            let isChange = row["kind"] == "status_changed" || row["kind"] == "field_changed"
            let field = row["kind"] == "field_changed" ? "\(row["field"] ?? ""): " : ""
            let change =
                isChange
                ? "\(field)\(row["old_value"] ?? "null") → \(row["new_value"] ?? "null")" : row["new_value"] ?? ""
            return columns.map { $0 == "change" ? change : row[$0] ?? "" }
        }
    }
}

struct InvitesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "invites", abstract: "Prints the invites, as they are or as of any instant.")

    @OptionGroup var options: SettingsOptions

    @Option(help: "Only invites with this status.")
    var status: String?

    @Option(help: "The mirror as of \(TypedInstant.help).")
    var at: TypedInstant?

    @Option(help: "text or json.")
    var format = OutputFormat.text

    func run() async throws {
        let printer = try RowPrinter(reader: options.openReader(), format: format)
        if let instant = at?.instant {
            let columns = ["invite_id", "email", "role", "status", "listed", "valid_from", "valid_to"]
            try printer.print(.versions(at: instant, status: status), columns: columns) { row in
                columns.map { row[$0] ?? "" }
            }
        } else {
            let columns = ["id", "email", "role", "status", "invited_at", "expires_at", "listed"]
            try printer.print(.invites(status: status), columns: columns) { row in columns.map { row[$0] ?? "" } }
        }
    }
}

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Prints the newest passes, how fresh the mirror is and what is due.")

    @OptionGroup var options: SettingsOptions

    @Option(help: "text or json.")
    var format = OutputFormat.text

    private static let shownPasses = 10

    func run() async throws {
        let settings = try options.read()
        let now = MirrorClock.system.now()
        let status = try MirrorStatus(
            MirrorReader(path: settings.databasePath), passes: Self.shownPasses, settings: settings, now: now)
        switch format {
        case .json: Output.print(status.json(settings))
        case .text: lines(status, settings, now).forEach(Output.print)
        }
    }

    private func cost(_ cost: MirrorStatus.Cost, _ settings: Settings) -> String {
        let requests = "\(cost.next.grouped) request\(cost.next == 1 ? "" : "s")"
        let budget = "the budget is \(settings.requestsPerMinute.grouped) a minute"
        guard cost.recent != nil else { return "\(requests) for the next pass, a full one; \(budget)" }
        let full = "a full one, \(cost.full.grouped) requests, \(cost.fullDue.map { "at \($0) or when needed" } ?? "")"
        return "\(requests) for the next pass, a recent one (\(full)); \(budget)"
    }

    private func lines(_ status: MirrorStatus, _ settings: Settings, _ now: Timestamp) -> [String] {
        var lines = [
            "database  \(settings.databasePath)",
            """
            invites   \(status.listed.grouped) listed, \(status.pending.grouped) of them pending; \
            \(status.invites.grouped) ever seen, \(status.events.grouped) events
            """,
        ]
        if let complete = status.lastComplete, let finished = complete.finishedAt {
            lines.append("fresh     as of \(complete.startedAt) (pass \(complete.id), \((now - finished).spoken) ago)")
        } else {
            lines.append("fresh     no pass was complete yet")
        }
        if status.unconfirmedAbsences > 0 {
            lines.append(
                "missing   \(status.unconfirmedAbsences.grouped) invites are not listed, and not confirmed as gone")
        }
        if let until = status.pausedUntil { lines.append("paused    the API asked for patience until \(until)") }
        if let due = status.due(interval: settings.interval) {
            lines.append("due       \(due)\(due < now ? ", \((now - due).spoken) ago" : "")")
        }
        lines.append("cost      \(cost(status.cost, settings))")
        var table = TextTable([
            "pass", "scope", "outcome", "started", "listed", "appeared", "changed", "vanished", "requests",
        ])
        for pass in status.passes {
            let counts = pass.counts
            table.add([
                "\(pass.id)", pass.scope.rawValue, pass.outcome.rawValue, pass.startedAt.description,
                counts.listed.grouped, counts.appeared.grouped, counts.changed.grouped, counts.vanished.grouped,
                counts.requests.grouped,
            ])
        }
        lines += [""] + table.lines
        if let newest = status.passes.first, let error = newest.error {
            lines += ["", "pass \(newest.id): \(error.visible)"]
        }
        return lines
    }
}

extension Duration {
    /// Rough, for people: `5 min`, `3 h`, `12 days`.
    fileprivate var spoken: String {
        let seconds = Int(max(0, inSeconds.rounded()))
        switch seconds {
        case ..<120: return "\(seconds) s"
        case ..<7200: return "\(seconds / 60) min"
        case ..<172_800: return "\(seconds / 3600) h"
        default: return "\(seconds / 86400) days"
        }
    }
}
