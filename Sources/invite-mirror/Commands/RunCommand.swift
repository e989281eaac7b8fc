import ArgumentParser
import Foundation
import InviteCore
import InviteMirror
import Logging
import ServiceLifecycle
import Synchronization
import UnixSignals

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "The service: a pass at the start and on every tick of the schedule.",
        discussion: """
            SIGTERM and SIGINT end it, SIGHUP reads the settings again, SIGUSR1 runs a pass now. It speaks sd_notify.
            """)

    @OptionGroup var options: SettingsOptions

    /// What the signals have to know.
    private final class Running: Sendable {
        private let made = Mutex<ServiceGroup?>(nil)
        /// A pass was asked for and has not begun: however often that happens, it is one pass.
        let isPassWanted = Atomic(false)

        /// What is ended, once it is there.
        var group: ServiceGroup? {
            get { made.withLock { $0 } }
            set { made.withLock { $0 = newValue } }
        }
    }

    private typealias Wakeup = SyncService<Active>.Wakeup

    /// What a pass is run with; SIGHUP makes a new one.
    private struct Active: Sendable {
        let settings: Settings
        let secret: Secret
        let budget: RequestBudget

        var plan: SyncService<Active>.Plan {
            .init(self, interval: settings.interval, logger: settings.logger())
        }
    }

    func run() async throws {
        let notifier = ServiceNotifier(environment: SettingsOptions.environment)
        let wakeups = AsyncStream.makeStream(of: Wakeup.self, bufferingPolicy: .bufferingNewest(16))
        let running = Running()
        // From here on no signal ends the process by itself, and none is lost.
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint, .sighup, .sigusr1)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                for await signal in signals {
                    switch signal {
                    case .sighup: wakeups.continuation.yield(.reload)
                    case .sigusr1:
                        let isWanted = running.isPassWanted.exchange(true, ordering: .relaxed)
                        if !isWanted { wakeups.continuation.yield(.pass) }
                    default:
                        if let group = running.group {
                            await group.triggerGracefulShutdown()
                        } else {
                            // Nothing has begun that would have to be ended.
                            notifier.stopping()
                            Foundation.exit(ExitStatus.done.rawValue)
                        }
                    }
                }
            }
            try await serve(notifier, wakeups, running)
            tasks.cancelAll()
        }
    }

    private func serve(
        _ notifier: ServiceNotifier,
        _ wakeups: (stream: AsyncStream<Wakeup>, continuation: AsyncStream<Wakeup>.Continuation),
        _ running: Running
    ) async throws {
        let clock = MirrorClock.system
        let active = try activate(clock)
        let store = try open(active.settings, notifier)
        let metrics = ServiceMetrics(database: store.path, startedAt: clock.now())
        let attendant = PassAttendant(store: store, metrics: metrics, clock: clock)
        attendant.publish(active.settings, active.settings.logger())
        let heartbeat = Heartbeat(now: clock.uptime())
        let (listen, gate) = (active.settings.metricsListen, Gate())
        let service = SyncService(
            plan: active.plan, clock: clock,
            notifier: notifier, heartbeat: heartbeat, wakeups: wakeups,
            reload: {
                let renewed = try activate(clock)
                guard renewed.settings.databasePath == active.settings.databasePath else {
                    throw Failure(.configuration, "database.path changed, which needs a restart of the service")
                }
                guard renewed.settings.metricsListen == listen else {
                    throw Failure(.configuration, "metrics.listen changed, which needs a restart of the service")
                }
                return renewed.plan
            },
            perform: { active in
                running.isPassWanted.store(false, ordering: .relaxed)
                return try await attendant.attend(active.settings) {
                    try await PassRunner(
                        store: store, settings: active.settings, secret: active.secret, clock: clock,
                        budget: active.budget, metrics: metrics
                    ).run { progress in
                        heartbeat.beat(now: clock.uptime(), next: Self.patience(progress, active.settings))
                    }
                }
            })
        let listener = listen.map { address in
            MetricsListener(
                address: address, metrics: metrics, health: health(notifier, heartbeat, clock), opened: gate)
        }
        if listener == nil { gate.open() }
        active.settings.logger().info(
            "started",
            metadata: [
                "version": "\(ProgramVersion.current)", "database": "\(store.path)",
                "interval_seconds": "\(active.settings.interval.components.seconds)",
            ])
        let group = group(GatedService(gate: gate, base: service), listener)
        running.group = group
        try await group.run()
        // Closing the file moves what the write-ahead log holds into it, which has no limit of its own.
        let walMebibytes = MirrorFile(path: store.path).walBytes / 1024 / 1024
        if walMebibytes > 16 { notifier.extendTimeout(.seconds(10 + walMebibytes / 4)) }
        try store.close()
    }

    /// What runs together, in the order in which it starts; it stops in the other one.
    private func group(_ service: some Service, _ listener: MetricsListener?) -> ServiceGroup {
        var services: [ServiceGroupConfiguration.ServiceConfiguration] = [
            .init(service: service, successTerminationBehavior: .gracefullyShutdownGroup)
        ]
        if let listener { services.insert(.init(service: listener, successTerminationBehavior: .ignore), at: 0) }
        var configuration = ServiceGroupConfiguration(
            services: services, logger: Logger(label: "lifecycle") { _ in SwiftLogNoOpLogHandler() })
        configuration.maximumGracefulShutdownDuration = .seconds(4)
        return ServiceGroup(configuration: configuration)
    }

    /// Opens the database, once it was looked at whole: a service that writes for months should not start on a
    /// damaged file. A gibibyte takes some seconds; a larger file is left to `verify` and to backups.
    private func open(_ settings: Settings, _ notifier: ServiceNotifier) throws -> MirrorStore {
        notifier.status("the database is checked")
        notifier.extendTimeout(.seconds(180))
        if try Soundness.check(settings.databasePath) == .header {
            settings.logger().notice("the database is too large to be checked whole at the start")
        }
        return try MirrorStore(path: settings.databasePath, environment: SettingsOptions.environment)
    }

    private func health(
        _ notifier: ServiceNotifier, _ heartbeat: Heartbeat, _ clock: MirrorClock
    ) -> @Sendable () -> MetricsListener.Health {
        { .init(isAlive: heartbeat.isAlive(now: clock.uptime()), status: notifier.board.text) }
    }

    private func activate(_ clock: MirrorClock) throws -> Active {
        let settings = try options.read()
        return Active(
            settings: settings, secret: try Secret(environment: SettingsOptions.environment),
            budget: RequestBudget(perMinute: settings.requestsPerMinute, now: clock.uptime()))
    }

    /// How long a pass may be silent after a step.
    private static func patience(_ progress: PassProgress, _ settings: Settings) -> Duration {
        switch progress {
        case .waiting(let duration, _): duration
        case .sending: settings.requestTimeout
        case .page, .listingAgain, .asking: .zero
        }
    }
}
