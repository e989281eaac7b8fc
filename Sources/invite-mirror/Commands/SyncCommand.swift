import ArgumentParser
import Foundation
import InviteCore
import InviteMirror
import UnixSignals

struct SyncCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sync", abstract: "Runs one pass, then exits.",
        discussion: """
            Needs a secret: ANTHROPIC_ADMIN_KEY or ANTHROPIC_OAUTH_TOKEN. Exit codes: 0 done, 65 the API's answers \
            cannot be used, 69 API unreachable, 74 database, 75 refused, 77 the secret was not accepted, \
            78 configuration.
            """)

    @OptionGroup var options: SettingsOptions

    @Flag(help: "List everything, even where listing the newest invites would do.")
    var full = false

    @Flag(help: "Believe a listing that lacks most of the invites: one full pass.")
    var acceptRemovals = false

    func run() async throws {
        let settings = try options.read()
        let secret = try Secret(environment: SettingsOptions.environment)
        let store = try MirrorStore(path: settings.databasePath, environment: SettingsOptions.environment)
        let clock = MirrorClock.system
        let metrics = ServiceMetrics(database: store.path, startedAt: clock.now())
        let attendant = PassAttendant(store: store, metrics: metrics, clock: clock)
        let display = SyncDisplay(isInteractive: Output.isInteractive)
        let caught = SignalNote()
        let result = try await withThrowingTaskGroup(of: PassResult?.self) { group in
            group.addTask {
                try await attendant.attend(settings) {
                    try await PassRunner(store: store, settings: settings, secret: secret, metrics: metrics)
                        .run(full: full, acceptsRemovals: acceptRemovals) { display.show($0) }
                }
            }
            group.addTask {
                for await signal in await UnixSignalsSequence(trapping: .sigint, .sigterm) {
                    caught.signal = signal.rawValue
                    break
                }
                return nil
            }
            do {
                // Whichever comes first; when it is the signal, the pass is cancelled and says how it ended.
                var result = try await group.next() ?? nil
                group.cancelAll()
                if result == nil { result = try await group.next() ?? nil }
                return result
            } catch is CancellationError {
                return nil
            }
        }
        display.end()
        guard let result else { return caught.die() }
        if let failure = result.failure { throw failure }
        try SyncSummary(result, store: store, settings: settings).lines().forEach(Output.print)
    }
}

/// What one pass needs, put together from the settings.
struct PassRunner {
    let store: MirrorStore
    let settings: Settings
    let secret: Secret
    var clock = MirrorClock.system
    /// The budget that passes of one process share; one of its own where nil.
    var budget: RequestBudget?
    /// What counts the answers, if something does.
    var metrics: ServiceMetrics?
    /// Whether the newest checkpoint is sent to where the settings say.
    var anchors = true

    func run(
        full: Bool = false, acceptsRemovals: Bool = false, progress: @escaping @Sendable (PassProgress) -> Void
    ) async throws -> PassResult {
        let budget = budget ?? RequestBudget(perMinute: settings.requestsPerMinute, now: clock.uptime())
        let result = try await HTTPTransport.with(
            settings: settings, secret: secret, environment: SettingsOptions.environment
        ) { plain in
            let transport: any APITransport = metrics.map { CountingTransport(plain, metrics: $0) } ?? plain
            return try await SyncPass(
                store: store, api: AdminAPI(transport: transport, budget: budget, clock: clock), clock: clock,
                pageSize: settings.pageSize, fullInterval: full ? .zero : settings.fullInterval,
                acceptsRemovals: acceptsRemovals, progress: progress
            ).run()
        }
        if anchors, let newest = try store.newestCheckpoint() {
            let anchor = CheckpointAnchor(
                settings, database: store.path, logger: settings.logger(), environment: SettingsOptions.environment)
            if newest.pass == result.record.id { anchor.announce(newest) }
            await anchor.deliver(newest)
        }
        return result
    }
}
