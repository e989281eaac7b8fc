import Foundation
import InviteCore
import Synchronization

/// What the service tells Prometheus: about its passes, its requests, the mirror and the file.
///
/// Nothing of it is personal: no address, no id, only counts, sizes and instants.
package final class ServiceMetrics: Sendable {
    private struct State {
        var figures = MirrorFigures()
        var responses: [String: Int] = [:]
        var lastAttempt: Timestamp?
        var lastExitStatus: ExitStatus?
        var interval: Duration?
    }

    private let database: String
    private let startedAt: Timestamp
    private let state: Mutex<State>

    package init(database: String, startedAt: Timestamp) {
        self.database = database
        self.startedAt = startedAt
        state = Mutex(State())
    }

    /// Counts the answer to a request.
    ///
    /// - Parameter code: its HTTP status; nil if there was no answer.
    package func countResponse(_ code: Int?) {
        state.withLock { $0.responses[code.map(String.init) ?? "none", default: 0] += 1 }
    }

    /// Notes what the service is set to.
    package func configure(interval: Duration) {
        state.withLock { $0.interval = interval }
    }

    /// Notes how an attempt ended, one that brought no pass included.
    package func record(_ exitStatus: ExitStatus, startedAt: Timestamp) {
        state.withLock { state in
            state.lastAttempt = startedAt
            state.lastExitStatus = exitStatus
        }
    }

    /// Reads what the database says. Not while a pass runs.
    package func refresh(_ store: MirrorStore) throws {
        var figures = state.withLock { $0.figures }
        try figures.refresh(store)
        let fresh = figures
        state.withLock { $0.figures = fresh }
    }

    /// All metrics, as Prometheus reads them.
    package var text: String {
        let state = state.withLock { $0 }
        // Tells the mirrors of several organisations apart where one collector reads all their textfiles.
        let common = [(name: "database", value: database)]
        return (serviceFamilies(state) + passFamilies(state) + mirrorFamilies(state.figures) + fileFamilies())
            .map { $0.text(with: common) }.joined()
    }

    private func serviceFamilies(_ state: State) -> [MetricFamily] {
        [
            MetricFamily(
                "invite_mirror_build_info", .gauge, "The program's version and the schema that it writes; always 1.",
                [.init(1, [("version", ProgramVersion.current), ("schema_version", "\(Schema.version)")])]),
            MetricFamily("invite_mirror_start_timestamp_seconds", "When the process started.", at: startedAt),
            MetricFamily(
                "invite_mirror_sync_interval_seconds", .gauge, "From one pass to the next, as it is set.",
                state.interval.map { [.init($0.inSeconds)] } ?? []),
            MetricFamily(
                "invite_mirror_api_responses_total", .counter,
                "Answers of the API since the process started, by HTTP status; none where no answer came.",
                state.responses.sorted { $0.key < $1.key }.map { .init(Double($0.value), [("code", $0.key)]) }),
        ]
    }

    private func passFamilies(_ state: State) -> [MetricFamily] {
        let figures = state.figures
        let complete = figures.lastComplete
        let newest = figures.newestPass
        let duration = newest.flatMap { pass in pass.finishedAt.map { $0 - pass.startedAt } }
        return [
            MetricFamily(
                "invite_mirror_last_attempt_timestamp_seconds", "When the newest attempt at a pass started.",
                at: state.lastAttempt ?? newest?.startedAt),
            MetricFamily(
                "invite_mirror_last_success_timestamp_seconds", "When the newest complete pass ended.",
                at: complete?.finishedAt),
            MetricFamily(
                "invite_mirror_as_of_timestamp_seconds", "When the newest complete pass started.",
                at: complete?.startedAt),
            MetricFamily(
                "invite_mirror_last_exit_status", .gauge,
                "How the newest attempt ended: 0, or the exit code that `sync` would have ended with.",
                state.lastExitStatus.map { [.init(Double($0.rawValue))] } ?? []),
            MetricFamily(
                "invite_mirror_last_pass_duration_seconds", .gauge, "How long the newest pass took.",
                duration.map { [.init($0.inSeconds)] } ?? []),
            MetricFamily(
                "invite_mirror_last_pass_pages", .gauge, "Pages of the newest pass.",
                newest.map { [.init(Double($0.counts.pages))] } ?? []),
            MetricFamily(
                "invite_mirror_passes_total", .counter, "Passes in the database, by outcome.",
                ["complete", "incomplete", "refused"].map {
                    .init(Double(figures.passes[$0] ?? 0), [("outcome", $0)])
                }),
            MetricFamily("invite_mirror_pages_total", .counter, "Pages of all passes.", figures.pages),
            MetricFamily(
                "invite_mirror_requests_total", .counter, "Requests of all passes, retries included.",
                figures.requests),
            MetricFamily("invite_mirror_retries_total", .counter, "Retries of all passes.", figures.retries),
            MetricFamily(
                "invite_mirror_paused_until_timestamp_seconds", "The API asked not to be asked before.",
                at: figures.pausedUntil),
        ]
    }

    private func mirrorFamilies(_ figures: MirrorFigures) -> [MetricFamily] {
        let kinds: [InviteEvent.Kind] = [.appeared, .statusChanged, .fieldChanged, .vanished, .reappeared]
        let statuses = ["pending", "accepted", "expired", "deleted", "other"]
        let invites = statuses.flatMap { status in
            [true, false].map { isListed in
                MetricFamily.Sample(
                    Double(figures.invites[.init(status: status, isListed: isListed)] ?? 0),
                    [("status", status), ("listed", "\(isListed)")])
            }
        }
        return [
            MetricFamily("invite_mirror_invites", .gauge, "Invites ever seen, by status and listing.", invites),
            MetricFamily(
                "invite_mirror_events_total", .counter, "Events in the log, by kind.",
                kinds.map { .init(Double(figures.events[$0.rawValue] ?? 0), [("kind", $0.rawValue)]) }),
            MetricFamily(
                "invite_mirror_unconfirmed_absences", .gauge,
                "Invites that the listing lacks and whose absence is not confirmed.", figures.unconfirmedAbsences),
        ]
    }

    private func fileFamilies() -> [MetricFamily] {
        let files = MirrorFile(path: database)
        return [
            MetricFamily("invite_mirror_database_bytes", .gauge, "Size of the database file.", files.databaseBytes),
            MetricFamily("invite_mirror_wal_bytes", .gauge, "Size of its write-ahead log.", files.walBytes),
            MetricFamily(
                "invite_mirror_free_bytes", .gauge, "What this user may still write where the database is.",
                files.freeBytes.map { [.init(Double($0))] } ?? []),
        ]
    }
}
