import ArgumentParser
import InviteCore
import InviteMirror
import Logging
import ServiceLifecycle
import UnixSignals

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "The service: a pass at the start and on every tick of the schedule.",
        discussion: """
            SIGTERM and SIGINT end it, SIGHUP reads the settings again, SIGUSR1 runs a pass now. It speaks sd_notify.
            """)

    @OptionGroup var options: SettingsOptions

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
        let clock = MirrorClock.system
        let active = try activate(clock)
        let store = try MirrorStore(path: active.settings.databasePath, environment: SettingsOptions.environment)
        let heartbeat = Heartbeat(now: clock.uptime())
        let wakeups = AsyncStream.makeStream(of: SyncService<Active>.Wakeup.self, bufferingPolicy: .bufferingNewest(16))
        let service = SyncService(
            plan: active.plan, clock: clock,
            notifier: ServiceNotifier(environment: SettingsOptions.environment), heartbeat: heartbeat,
            wakeups: wakeups,
            reload: {
                let renewed = try activate(clock)
                guard renewed.settings.databasePath == store.path else {
                    throw Failure(.configuration, "database.path changed, which needs a restart of the service")
                }
                return renewed.plan
            },
            perform: { active in
                try await PassRunner(
                    store: store, settings: active.settings, secret: active.secret, clock: clock, budget: active.budget
                ).run(acceptsRemovals: false) { progress in
                    heartbeat.beat(now: clock.uptime(), next: Self.patience(progress, active.settings))
                }
            })
        let signals = SignalService(wakeups: wakeups.continuation)
        var configuration = ServiceGroupConfiguration(
            services: [
                .init(service: service, successTerminationBehavior: .gracefullyShutdownGroup),
                .init(service: signals, successTerminationBehavior: .ignore),
            ], gracefulShutdownSignals: [.sigterm, .sigint],
            logger: Logger(label: "lifecycle") { _ in SwiftLogNoOpLogHandler() })
        configuration.maximumGracefulShutdownDuration = .seconds(4)
        active.settings.logger().info(
            "started",
            metadata: [
                "version": "\(ProgramVersion.current)", "database": "\(store.path)",
                "interval_seconds": "\(active.settings.interval.components.seconds)",
            ])
        try await ServiceGroup(configuration: configuration).run()
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

    /// Turns signals into what the service does about them.
    private struct SignalService: Service {
        let wakeups: AsyncStream<SyncService<Active>.Wakeup>.Continuation

        func run() async throws {
            let signals = await UnixSignalsSequence(trapping: .sighup, .sigusr1)
            await cancelWhenGracefulShutdown {
                for await signal in signals { wakeups.yield(signal == .sighup ? .reload : .pass) }
            }
        }
    }
}
