import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Turns HTTP requests into simulated ones, and brings answers to the client the way they are to arrive.
struct SimulatedResponder: HTTPResponder {
    let host: SimulationHost

    /// The connection is at hand, so that it can be broken.
    struct Context: RequestContext {
        var coreContext: CoreRequestContextStorage
        let channel: any Channel

        init(source: ApplicationRequestContextSource) {
            coreContext = CoreRequestContextStorage(source: source)
            channel = source.channel
        }
    }

    private struct Broken: Error {}

    func respond(to request: Request, context: Context) async throws -> Response {
        let body = try await request.body.collect(upTo: context.maxUploadSize)
        let path = String(request.uri.path)
        let answer = await host.answer(
            SimulatedRequest(
                method: request.method.rawValue,
                path: path.removingPercentEncoding ?? path,
                query: request.uri.queryParameters.map { (String($0.key), String($0.value)) },
                headers: request.headers.map { ($0.name.rawName, $0.value) },
                body: Array(body.readableBytesView)))
        return try await deliver(answer, context.channel)
    }

    private func deliver(_ answer: SimulatedAnswer, _ channel: any Channel) async throws -> Response {
        var headers = HTTPFields()
        for (name, value) in answer.headers {
            if let name = HTTPField.Name(name) { headers.append(HTTPField(name: name, value: value)) }
        }
        return Response(
            status: HTTPResponse.Status(code: answer.status), headers: headers,
            body: try await body(answer, channel))
    }

    private func body(_ answer: SimulatedAnswer, _ channel: any Channel) async throws -> ResponseBody {
        let bytes = answer.body
        switch answer.delivery {
        case .whole:
            return ResponseBody(byteBuffer: ByteBuffer(bytes: bytes))
        case .reset:
            try await Self.reset(channel)
            throw Broken()
        case .truncated(let count):
            return ResponseBody(contentLength: bytes.count) { writer in
                try await writer.write(ByteBuffer(bytes: bytes.prefix(count)))
                throw Broken()
            }
        case .slow(let duration):
            return ResponseBody(contentLength: bytes.count) { writer in
                try await Self.trickle(bytes, over: duration, into: &writer)
                try await writer.finish(nil)
            }
        case .stalled:
            // Until the server ends: longer than any client waits.
            try await Task.sleep(for: .seconds(86400))
            throw Broken()
        }
    }

    private static func trickle(
        _ bytes: [UInt8], over duration: Duration, into writer: inout any ResponseBodyWriter
    ) async throws {
        let parts = 20
        for part in 0..<parts {
            if part > 0 { try await Task.sleep(for: duration / (parts - 1)) }
            let range = bytes.count * part / parts..<bytes.count * (part + 1) / parts
            try await writer.write(ByteBuffer(bytes: bytes[range]))
        }
    }

    /// Breaks the connection with a TCP reset: without lingering, closing discards and resets.
    private static func reset(_ channel: any Channel) async throws {
        if let options = channel as? any SocketOptionProvider {
            try await options.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
        }
        try await channel.close()
    }
}
