import AsyncHTTPClient
import Dispatch
import Foundation
import InviteCore
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

/// The real transport: async-http-client, which follows no redirect (it would carry the secret along) and unpacks no
/// compressed body (none is asked for).
package final class HTTPTransport: APITransport {
    private let client: HTTPClient
    private let baseURL: BaseURL
    private let secret: Secret
    private let timeout: Duration
    /// Whether the newest request got an answer: nothing of the connection is still being made then.
    private let isAnswered = Mutex(true)

    /// Threads that may still wait for a name to be resolved, for the next transport.
    private static let busyGroups = Mutex<[MultiThreadedEventLoopGroup]>([])

    /// The largest body that is taken, in bytes: a page of 1,000 invites has some 250,000.
    package static let maximumBody = 16 * 1024 * 1024
    private static let version = "2023-06-01"

    /// Runs `body` with a transport of its own connections, which are closed behind it. They have a thread of their own
    /// too: what NIO's lasting threads had still to wait for would wake the service after the pass.
    package static func with<Result: Sendable>(
        settings: Settings, secret: Secret, environment: [String: String],
        _ body: (HTTPTransport) async throws -> Result
    ) async throws -> Result {
        let configuration = try configuration(for: settings.baseURL, environment: environment)
        let group = busyGroups.withLock { $0.popLast() } ?? MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let transport = HTTPTransport(
            client: HTTPClient(eventLoopGroup: group, configuration: configuration), baseURL: settings.baseURL,
            secret: secret, timeout: settings.requestTimeout)
        defer { transport.close(group) }
        return try await body(transport)
    }

    private init(client: HTTPClient, baseURL: BaseURL, secret: Secret, timeout: Duration) {
        self.client = client
        self.baseURL = baseURL
        self.secret = secret
        self.timeout = timeout
    }

    /// Nobody waits for it: over TLS the other side may be silent for seconds, and the resolution of a name cannot be
    /// stopped at all. Its thread must be there when it ends. The queue is one of its own, since the usual one is a
    /// global one, see ``ThreadPoolExecutor``.
    private func close(_ group: MultiThreadedEventLoopGroup) {
        let queue = DispatchQueue(label: "invite-mirror.close")
        let isAnswered = isAnswered.withLock { $0 }
        client.shutdown(queue: queue) { _ in
            if isAnswered { group.shutdownGracefully(queue: queue) { _ in } }
        }
        if !isAnswered { Self.busyGroups.withLock { $0.append(group) } }
    }

    private static func configuration(
        for baseURL: BaseURL, environment: [String: String]
    ) throws -> HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow, decompression: .disabled)
        // A broken connection is ours to judge: the retries are counted and dated.
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.httpVersion = .http1Only
        if baseURL.isSecure {
            configuration.proxy = try ProxyChoice.proxy(for: baseURL, environment: environment)
            if let file = environment["SSL_CERT_FILE"], !file.isEmpty {
                guard FileManager.default.isReadableFile(atPath: file) else {
                    throw Failure(
                        .configuration, "SSL_CERT_FILE names \(file), which cannot be read; nothing was asked")
                }
                var tls = TLSConfiguration.makeClientConfiguration()
                tls.trustRoots = .file(file)
                configuration.tlsConfiguration = tls
            }
        }
        return configuration
    }

    package func send(_ request: APIRequest) async throws -> APIResponse {
        // It covers the body too, as that of the client's own async functions does not.
        let deadline = NIODeadline.now() + .microseconds(timeout.wholeMicroseconds)
        isAnswered.withLock { $0 = false }
        do {
            let outgoing = try httpRequest(request)
            let exchange = client.execute(
                request: outgoing, delegate: ResponseAccumulator(request: outgoing, maxBodySize: Self.maximumBody),
                deadline: deadline)
            let response = try await withTaskCancellationHandler {
                try await exchange.get()
            } onCancel: {
                exchange.cancel()
            }
            isAnswered.withLock { $0 = true }
            var headers: [String: String] = [:]
            // Headers end up in records and log lines. One that echoes the secret must not.
            for (name, value) in response.headers { headers[name.lowercased()] = secret.redact(value) }
            var body = response.body.map { Array($0.readableBytesView) } ?? []
            if secret.stands(in: body) {
                guard response.status != .ok else { throw TransportFailure.disclosing }
                // Of an error the status says enough.
                body = []
            }
            return APIResponse(status: Int(response.status.code), headers: headers, body: body)
        } catch let failure as TransportFailure {
            throw failure
        } catch is ResponseAccumulator.ResponseTooBigError {
            throw TransportFailure.tooLarge(limit: Self.maximumBody)
        } catch {
            if Task.isCancelled { throw CancellationError() }
            // Of a request that still waits for a connection the client says how an earlier one failed.
            if NIODeadline.now() >= deadline { throw TransportFailure.timedOut(after: timeout) }
            throw TransportFailure.broken(Self.sentence(for: error))
        }
    }

    private func httpRequest(_ request: APIRequest) throws -> HTTPClient.Request {
        var url = baseURL.description + request.path
        if !request.query.isEmpty {
            url += "?" + request.query.map { "\($0.name)=\($0.value.percentEncoded)" }.joined(separator: "&")
        }
        var outgoing = try HTTPClient.Request(url: url, method: HTTPMethod(rawValue: request.method))
        outgoing.headers.add(name: "anthropic-version", value: Self.version)
        outgoing.headers.add(name: "accept", value: "application/json")
        outgoing.headers.add(name: "accept-encoding", value: "identity")
        outgoing.headers.add(name: "user-agent", value: "invite-mirror/\(ProgramVersion.current)")
        outgoing.headers.add(name: secret.header.name, value: secret.header.value)
        if let body = request.body {
            outgoing.headers.add(name: "content-type", value: "application/json")
            outgoing.body = .bytes(body)
        }
        return outgoing
    }

    /// What the client's errors mean to a person.
    private static func sentence(for error: any Error) -> String {
        switch error {
        case let error as NIOConnectionError:
            return error.connectionErrors.isEmpty ? "the host is not known" : "the connection was refused"
        case let error as HTTPClientError where error == .connectTimeout:
            return "the connection was not accepted in time"
        case let error as HTTPClientError where error == .remoteConnectionClosed:
            return "the connection was closed in the middle"
        case let error as HTTPClientError: return error.shortDescription
        case let error as IOError: return String(cString: strerror(error.errnoCode)).lowercased()
        case is NIOSSLError, is BoringSSLError, is NIOSSLExtraError:
            return "no trusted TLS connection could be made (\(error))"
        case is HTTPParserError: return "the answer is not HTTP (\(error))"
        default: return "\(error)"
        }
    }
}

extension String {
    private static let unreserved = CharacterSet(
        charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")

    /// RFC 3986: everything but the unreserved characters is escaped.
    package var percentEncoded: String {
        addingPercentEncoding(withAllowedCharacters: Self.unreserved) ?? ""
    }
}

/// The program's version, as it stands in `--version`, the user agent and the reports.
package enum ProgramVersion {
    package static let current = "0.1.0"
}

/// HTTPS_PROXY and NO_PROXY, as curl reads them.
private enum ProxyChoice {
    static func proxy(
        for baseURL: BaseURL, environment: [String: String]
    ) throws -> HTTPClient.Configuration.Proxy? {
        let named = environment["https_proxy"] ?? environment["HTTPS_PROXY"]
        guard let text = named?.trimmed, !text.isEmpty else { return nil }
        let exceptions = environment["no_proxy"] ?? environment["NO_PROXY"] ?? ""
        if exceptions.split(separator: ",").contains(where: { matches(baseURL.host, String($0).trimmed) }) {
            return nil
        }
        let url = URLComponents(string: text.contains("://") ? text : "http://\(text)")
        guard let url, let host = url.host, !host.isEmpty, url.scheme == "http" else {
            throw Failure(.configuration, "HTTPS_PROXY does not name an http proxy; nothing was asked of the API")
        }
        var proxy = HTTPClient.Configuration.Proxy.server(host: host, port: url.port ?? 80)
        if let user = url.user {
            proxy = .server(
                host: host, port: url.port ?? 80,
                authorization: .basic(username: user, password: url.password ?? ""))
        }
        return proxy
    }

    private static func matches(_ host: String, _ exception: String) -> Bool {
        if exception == "*" { return true }
        let domain = exception.hasPrefix(".") ? String(exception.dropFirst()) : exception
        let (host, suffix) = (host.lowercased(), domain.lowercased())
        return !suffix.isEmpty && (host == suffix || host.hasSuffix("." + suffix))
    }
}
