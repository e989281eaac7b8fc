import InviteCore
import InviteMirror
import Logging

/// What surrounds a pass, of the service and of `sync` alike: a look at the disk before it, the metrics after it.
///
/// Nothing of it can make a pass fail.
struct PassAttendant: Sendable {
    let store: MirrorStore
    let metrics: ServiceMetrics
    let clock: MirrorClock

    func attend(
        _ settings: Settings, _ pass: () async throws -> PassResult
    ) async throws -> PassResult {
        let logger = settings.logger()
        if let warning = MirrorFile(path: store.path).spaceWarning {
            logger.warning("the disk is nearly full", metadata: ["warning": "\(warning)"])
        }
        let startedAt = clock.now()
        do {
            let result = try await pass()
            metrics.record(result.failure?.exitStatus ?? .done, startedAt: startedAt)
            result.logEvents(of: store, to: logger)
            if let warning = store.walWarning {
                logger.warning("the write-ahead log is large", metadata: ["warning": "\(warning)"])
            }
            publish(settings, logger)
            return result
        } catch let error where !(error is CancellationError) {
            metrics.record((error as? Failure)?.exitStatus ?? .internalError, startedAt: startedAt)
            publish(settings, logger)
            throw error
        }
    }

    /// Brings the metrics up to date, and the textfile if there is one. Not while a pass runs.
    func publish(_ settings: Settings, _ logger: Logger) {
        guard settings.metricsTextfile != nil || settings.metricsListen != nil else { return }
        do {
            metrics.configure(interval: settings.interval)
            try metrics.refresh(store)
            // The collector is another user.
            if let path = settings.metricsTextfile { try AtomicFile.write(metrics.text, to: path, mode: 0o644) }
        } catch {
            logger.error("the metrics are not up to date", metadata: ["error": "\(error)"])
        }
    }
}
