import InviteCore
import Logging
import ServiceLifecycle

/// The service: a pass at the start and at every planned instant, until it is told to stop.
///
/// A failed pass is a fact for the log and for `sync_pass`, never a reason to exit.
package struct SyncService<Configuration: Sendable>: Service {
    /// What makes the service do something before its planned time.
    package enum Wakeup: Sendable {
        /// Run a pass now (SIGUSR1).
        case pass
        /// Read the settings again (SIGHUP).
        case reload
        /// The planned instant has come.
        case tick
    }

    /// What a configuration gives the service.
    package struct Plan: Sendable {
        package let configuration: Configuration
        package let interval: Duration
        package let logger: Logger

        package init(_ configuration: Configuration, interval: Duration, logger: Logger) {
            self.configuration = configuration
            self.interval = interval
            self.logger = logger
        }
    }

    private let plan: Plan
    private let clock: MirrorClock
    private let notifier: ServiceNotifier
    private let heartbeat: Heartbeat
    private let wakeups: (stream: AsyncStream<Wakeup>, continuation: AsyncStream<Wakeup>.Continuation)
    private let random: @Sendable () -> Double
    private let reload: @Sendable () throws -> Plan
    private let perform: @Sendable (Configuration) async throws -> PassResult

    /// - Parameters:
    ///   - wakeups: what wakes the service besides its timer.
    ///   - random: from 0 up to 1, for the jitter.
    ///   - reload: reads the settings again; what it throws leaves the old ones in force.
    ///   - perform: runs one pass.
    package init(
        plan: Plan, clock: MirrorClock, notifier: ServiceNotifier, heartbeat: Heartbeat,
        wakeups: (stream: AsyncStream<Wakeup>, continuation: AsyncStream<Wakeup>.Continuation),
        random: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) },
        reload: @escaping @Sendable () throws -> Plan,
        perform: @escaping @Sendable (Configuration) async throws -> PassResult
    ) {
        self.plan = plan
        self.clock = clock
        self.notifier = notifier
        self.heartbeat = heartbeat
        self.wakeups = wakeups
        self.random = random
        self.reload = reload
        self.perform = perform
    }

    package func run() async throws {
        notifier.ready("first pass")
        let notifier = notifier
        // Told when the signal comes and not when the work has ended: rolling a large pass back may take a while.
        await withGracefulShutdownHandler {
            await cancelWhenGracefulShutdown {
                await withDiscardingTaskGroup { group in
                    group.addTask { await watch() }
                    await loop()
                    group.cancelAll()
                }
            }
        } onGracefulShutdown: {
            notifier.stopping()
        }
        plan.logger.info("stopped")
    }

    private func loop() async {
        var plan = plan
        var schedule = Schedule(interval: plan.interval, start: clock.uptime())
        var iterator = wakeups.stream.makeAsyncIterator()
        var wakeup: Wakeup? = .tick
        var newest = End(summary: "no pass yet")
        while let current = wakeup, !Task.isCancelled {
            switch current {
            case .reload: reloadSettings(&plan, &schedule)
            case .pass:
                newest = await pass(plan)
                schedule.forgive()
            case .tick:
                newest = await pass(plan)
                schedule.advance(now: clock.uptime(), needsOperator: newest.exitStatus.needsOperator)
            }
            report(newest, next: schedule.planned)
            wakeup = await next(&iterator, due: schedule.planned + schedule.maximumJitter * random())
        }
    }

    /// Waits for a signal or for the planned instant, whichever comes first; nil when the service is to stop.
    private func next(_ iterator: inout AsyncStream<Wakeup>.Iterator, due: Duration) async -> Wakeup? {
        heartbeat.beat(now: clock.uptime(), next: due - clock.uptime())
        let (clock, continuation) = (clock, wakeups.continuation)
        return await withDiscardingTaskGroup(returning: Wakeup?.self) { group in
            group.addTask {
                try? await clock.sleep(due - clock.uptime())
                if !Task.isCancelled { continuation.yield(.tick) }
            }
            defer { group.cancelAll() }
            while let wakeup = await iterator.next() {
                // A tick of an earlier wait, which a signal overtook, is not this one's.
                if case .tick = wakeup, clock.uptime() < due { continue }
                return wakeup
            }
            return nil
        }
    }

    private func reloadSettings(_ plan: inout Plan, _ schedule: inout Schedule) {
        notifier.reloading()
        do {
            plan = try reload()
            if plan.interval != schedule.interval {
                schedule = Schedule(interval: plan.interval, start: clock.uptime() + plan.interval)
            } else {
                schedule.forgive()
            }
            plan.logger.notice("settings read again")
        } catch {
            plan.logger.error(
                "the settings were not taken over: the ones before stay in force", metadata: ["error": "\(error)"])
        }
        notifier.ready("settings read again")
    }

    // MARK: One pass

    private struct End {
        var exitStatus = ExitStatus.done
        var summary: String
    }

    private func pass(_ plan: Plan) async -> End {
        heartbeat.beat(now: clock.uptime())
        notifier.status("a pass is running")
        do {
            let result = try await perform(plan.configuration)
            result.log(to: plan.logger)
            return End(exitStatus: result.failure?.exitStatus ?? .done, summary: result.summary)
        } catch is CancellationError {
            return End(summary: "stopping")
        } catch let failure as Failure {
            plan.logger.error("no pass", metadata: ["error": "\(failure)"])
            return End(exitStatus: failure.exitStatus, summary: "no pass: \(failure)")
        } catch {
            plan.logger.critical("no pass, by an error that should not happen", metadata: ["error": "\(error)"])
            return End(exitStatus: .internalError, summary: "no pass: \(error)")
        }
    }

    private func report(_ end: End, next planned: Duration) {
        // The status of a service that stops is that it stops.
        guard !Task.isCancelled else { return }
        let next = clock.now() + (planned - clock.uptime())
        notifier.status("\(end.summary), next pass \(next.timeOfDay)")
    }

    /// Signs of life for the service manager, as long as there is life.
    private func watch() async {
        guard let interval = notifier.watchdogInterval else { return }
        while !Task.isCancelled {
            if heartbeat.isAlive(now: clock.uptime()) { notifier.watchdog() }
            try? await clock.sleep(interval / 3)
        }
    }
}

extension Timestamp {
    /// `14:05:00Z`.
    package var timeOfDay: String { description.dropFirst(11).prefix(8) + "Z" }
}

extension PassResult {
    /// One line for a pass, on the level that its end deserves.
    package func log(to logger: Logger) {
        var metadata: Logger.Metadata = [
            "pass_id": "\(record.id)", "scope": "\(record.scope)", "listed": "\(record.counts.listed)",
            "appeared": "\(record.counts.appeared)", "changed": "\(record.counts.changed)",
            "vanished": "\(record.counts.vanished)", "requests": "\(record.counts.requests)",
            "irregularities": "\(record.counts.irregularities)",
        ]
        for name in unknownNames {
            logger.notice(
                "the API sends a field that this mirror had not met; its values were adopted",
                metadata: ["pass_id": "\(record.id)", "field": "\(name)"])
        }
        guard let failure else { return logger.info("pass complete", metadata: metadata) }
        metadata["error"] = "\(failure)"
        if let requestID { metadata["request_id"] = "\(requestID)" }
        metadata["exit_status"] = "\(failure.exitStatus.rawValue)"
        logger.log(level: failure.exitStatus.needsOperator ? .critical : .error, "pass failed", metadata: metadata)
    }

    /// In plain words, for a status line.
    package var summary: String {
        if let failure { return failure.description }
        let counts = record.counts
        let changes = counts.appeared + counts.changed + counts.vanished
        return
            "\((mirrored ?? counts.listed).grouped) invites, \(changes.grouped) \(changes == 1 ? "change" : "changes")"
    }
}

extension Int {
    /// With commas between thousands.
    package var grouped: String {
        let digits = String(magnitude)
        var text = ""
        for (place, digit) in digits.enumerated() {
            if place > 0 && (digits.count - place) % 3 == 0 { text += "," }
            text.append(digit)
        }
        return (self < 0 ? "-" : "") + text
    }
}
