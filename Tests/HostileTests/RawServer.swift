import Foundation
import Synchronization

/// A server that says whatever it is told to: each connection gets the next answer, the last one for ever.
final class RawServer: Sendable {
    struct Failed: Error { let reason: CInt }

    private struct State {
        var answers: [Answer] = []
        var next = 0
        var requests: [String] = []
        var bytesSent = 0
        var isOver = false
    }

    let host: String
    let port: Int
    private let descriptor: CInt
    private let box: Box

    /// Shared with the thread, which must not keep the server alive.
    private final class Box: Sendable {
        let state = Mutex(State())
    }

    var baseURL: String { "http://\(host):\(port)" }
    /// What the connections asked, in the order in which they were accepted.
    var requests: [String] { box.state.withLock { $0.requests } }
    var bytesSent: Int { box.state.withLock { $0.bytesSent } }

    func play(_ answers: [Answer]) {
        box.state.withLock { $0 = State(answers: answers) }
    }

    init(host: String = "127.0.0.1") throws {
        self.host = host
        box = Box()
        let listener = try Self.socket()
        descriptor = listener
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let (code, port) = Self.with(host: host, port: 0) { address, size in
            let code = bind(listener, address, size) | listen(listener, 64) | getsockname(listener, address, &length)
            return (code, address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { $0.pointee.sin_port })
        }
        guard code == 0 else { throw Failed(reason: errno) }
        self.port = Int(UInt16(bigEndian: port))
        // The thread ends when the listening socket is shut down, and closes it: closed before, its number could
        // be another server's by the time that the thread accepts once more.
        Thread { [box] in Self.serve(listener, box) }.start()
    }

    deinit {
        box.state.withLock { $0.isOver = true }
        shutdown(descriptor, CInt(SHUT_RDWR))
    }

    /// Connects to the server, says `text` and waits until the server has hung up.
    func knock(_ text: String) throws {
        let connection = try Self.socket()
        defer { close(connection) }
        let code = Self.with(host: host, port: port) { address, size in connect(connection, address, size) }
        guard code == 0 else { throw Failed(reason: errno) }
        _ = Self.send(Array(text.utf8), to: connection)
        Self.drain(connection)
    }

    private static func socket() throws -> CInt {
        let descriptor = Foundation.socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw Failed(reason: errno) }
        return descriptor
    }

    private static func with<Result>(
        host: String, port: Int, _ body: (UnsafeMutablePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr(host)
        return withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    // MARK: The thread

    private static func serve(_ listener: CInt, _ box: Box) {
        while true {
            let connection = accept(listener, nil, nil)
            guard connection >= 0 else {
                if box.state.withLock({ $0.isOver }) {
                    close(listener)
                    return
                }
                continue
            }
            let request = readHead(connection)
            let answer = box.state.withLock { state -> Answer? in
                state.requests.append(request)
                guard !state.answers.isEmpty else { return nil }
                defer { state.next += 1 }
                return state.answers[min(state.next, state.answers.count - 1)]
            }
            var isOpen = true
            for part in answer?.parts ?? [] where isOpen { isOpen = send(part, to: connection, box) }
            if answer?.end == .reset {
                var linger = linger(l_onoff: 1, l_linger: 0)
                setsockopt(connection, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
            } else {
                shutdown(connection, CInt(SHUT_WR))
                drain(connection)
            }
            close(connection)
        }
    }

    private static func readHead(_ connection: CInt) -> String {
        var request: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while !request.suffix(4).elementsEqual("\r\n\r\n".utf8) {
            let count = read(connection, &buffer, buffer.count)
            guard count > 0 else { break }
            request += buffer[..<count]
        }
        return String(decoding: request, as: UTF8.self)
    }

    private static func send(_ part: Answer.Part, to connection: CInt, _ box: Box) -> Bool {
        switch part {
        case .bytes(let bytes): return send(bytes, to: connection)
        case .dribble(let bytes): return bytes.allSatisfy { send([$0], to: connection) }
        case .hold:
            drain(connection)
            return false
        case .filler(let total):
            let block = [UInt8](repeating: UInt8(ascii: " "), count: 65536)
            for _ in 0..<total / block.count {
                guard send(block, to: connection) else { return false }
                box.state.withLock { $0.bytesSent += block.count }
            }
            return true
        }
    }

    private static func send(_ bytes: [UInt8], to connection: CInt) -> Bool {
        bytes.withUnsafeBytes { buffer in
            var rest = buffer[...]
            while !rest.isEmpty {
                let count = Foundation.send(
                    connection, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count, CInt(MSG_NOSIGNAL))
                guard count > 0 else { return false }
                rest = rest.dropFirst(count)
            }
            return true
        }
    }

    /// Reads until the other side has hung up.
    private static func drain(_ connection: CInt) {
        var buffer = [UInt8](repeating: 0, count: 65536)
        while read(connection, &buffer, buffer.count) > 0 {}
    }
}
