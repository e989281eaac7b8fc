import Hummingbird
import InviteCore
import Logging

/// Serves a simulated API over HTTP on 127.0.0.1.
package struct SimulatedServer: Sendable {
    /// What moves the organisation's time.
    package enum Clock: Sendable, Hashable {
        /// Nothing but ``SimulatedServer/withAPI(_:)``.
        case manual
        /// Real time: so many simulated seconds for each real one, 0 or more. Life goes on before each request.
        case running(speed: Double)
    }

    private let host: SimulationHost
    private let logger: Logger

    package init(
        _ api: SimulatedAPI, clock: Clock = .manual,
        logger: Logger = Logger(label: "simulator", factory: { _ in SwiftLogNoOpLogHandler() })
    ) {
        host = SimulationHost(api, clock: clock)
        self.logger = logger
    }

    /// Serves until the task is cancelled, and returns then; throws when the port cannot be had.
    ///
    /// - Parameters:
    ///   - port: 0 takes any that is free.
    ///   - onReady: is told the port that was bound, once requests are answered.
    package func run(port: Int = 0, onReady: @escaping @Sendable (_ port: Int) async -> Void) async throws {
        let application = Application(
            responder: SimulatedResponder(host: host),
            configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: port)),
            onServerRunning: { channel in await onReady(channel.localAddress?.port ?? port) },
            logger: logger
        )
        do {
            try await application.runService(gracefulShutdownSignals: [])
        } catch is CancellationError {
            // Being cancelled is how a server ends.
        }
    }

    /// Reads or changes the API and its organisation between two requests.
    package func withAPI<Value: Sendable>(
        _ body: @Sendable (inout SimulatedAPI) throws -> Value
    ) async rethrows -> Value {
        try await host.withAPI(body)
    }

    /// How many requests were made to each path, whatever their answer.
    package var requestCounts: [String: Int] {
        get async { await host.requestCounts }
    }
}

/// A server that answers, for the time of ``withServer(_:clock:_:)``.
package struct RunningServer: Sendable {
    package let port: Int
    package let server: SimulatedServer

    /// Without `/v1` and without a slash at its end.
    package var baseURL: String { "http://127.0.0.1:\(port)" }

    /// Reads or changes the API and its organisation between two requests.
    package func withAPI<Value: Sendable>(
        _ body: @Sendable (inout SimulatedAPI) throws -> Value
    ) async rethrows -> Value {
        try await server.withAPI(body)
    }

    /// How many requests were made to each path, whatever their answer.
    package var requestCounts: [String: Int] {
        get async { await server.requestCounts }
    }
}

/// Serves an API on any free port while the body runs.
@discardableResult
package func withServer<Value: Sendable>(
    _ api: SimulatedAPI, clock: SimulatedServer.Clock = .manual, isolation: isolated (any Actor)? = #isolation,
    _ body: (RunningServer) async throws -> Value
) async throws -> Value {
    let server = SimulatedServer(api, clock: clock)
    let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
            defer { continuation.finish() }
            try await server.run { continuation.yield($0) }
        }
        defer { group.cancelAll() }
        for await port in ports {
            return try await body(RunningServer(port: port, server: server))
        }
        try await group.waitForAll()
        throw CancellationError()
    }
}
