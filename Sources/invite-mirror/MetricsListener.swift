import HTTPTypes
import Hummingbird
import InviteMirror
import Logging
import ServiceLifecycle

/// Answers `/metrics` and `/healthz`, if it is asked to.
struct MetricsListener: Service {
    let address: ListenAddress
    let metrics: ServiceMetrics
    let health: @Sendable () -> Health
    /// Told once requests are answered.
    let opened: Gate

    /// Whether the service makes progress, and what it says of itself. A pass that failed is no reason to be unwell:
    /// nobody could mend it by starting the service again.
    struct Health: Sendable {
        let isAlive: Bool
        let status: String
    }

    func run() async throws {
        let opened = opened
        let application = Application(
            responder: Responder(metrics: metrics, health: health),
            configuration: ApplicationConfiguration(
                address: .hostname(address.host, port: address.port), serverName: nil),
            onServerRunning: { _ in opened.open() },
            logger: Logger(label: "metrics") { _ in SwiftLogNoOpLogHandler() })
        do {
            try await application.run()
        } catch let error where !(error is CancellationError) {
            throw Failure(
                .unavailable,
                """
                metrics.listen is "\(address)", which cannot be had: \(error). The service does not run without the \
                listener that it was set to have
                """)
        }
    }

    private struct Responder: HTTPResponder {
        typealias Context = BasicRequestContext

        let metrics: ServiceMetrics
        let health: @Sendable () -> Health

        func respond(to request: Request, context: Context) async throws -> Response {
            guard request.method == .get || request.method == .head else { return text(.methodNotAllowed, "GET\n") }
            switch request.uri.path {
            case "/metrics": return text(.ok, metrics.text, type: "text/plain; version=0.0.4; charset=utf-8")
            case "/healthz":
                let health = health()
                return health.isAlive
                    ? text(.ok, "ok: \(health.status)\n")
                    : text(.serviceUnavailable, "no progress: \(health.status)\n")
            default: return text(.notFound, "/metrics or /healthz\n")
            }
        }

        private func text(
            _ status: HTTPResponse.Status, _ text: String, type: String = "text/plain; charset=utf-8"
        ) -> Response {
            Response(
                status: status, headers: [.contentType: type], body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
        }
    }
}

/// Opens once; whoever waits goes on then.
final class Gate: Sendable {
    private let (stream, continuation) = AsyncStream.makeStream(of: Void.self)

    func open() { continuation.finish() }

    func wait() async {
        for await _ in stream {}
    }
}

/// A service that starts when a gate opens.
struct GatedService<Base: Service>: Service {
    let gate: Gate
    let base: Base

    func run() async throws {
        // Not `cancelWhenGracefulShutdown`, which ends in a task on Swift's own executor, see `ThreadPoolExecutor`.
        await withGracefulShutdownHandler {
            await gate.wait()
        } onGracefulShutdown: {
            gate.open()
        }
        try Task.checkCancellation()
        try await base.run()
    }
}
