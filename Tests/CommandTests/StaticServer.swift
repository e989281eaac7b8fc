import Foundation

/// Answers each request with the next of its bodies, the last one for ever: as small as an HTTP server can be.
final class StaticServer: Sendable {
    let port: Int
    private let descriptor: CInt

    var baseURL: String { "http://127.0.0.1:\(port)" }

    struct Failed: Error { let reason: CInt }

    init(_ bodies: [String]) throws {
        descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let (listener, size) = (descriptor, length)
        let code = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(listener, address, size) | listen(listener, 8) | getsockname(listener, address, &length)
            }
        }
        guard code == 0 else { throw Failed(reason: errno) }
        port = Int(UInt16(bigEndian: address.sin_port))
        // The thread ends when the listening socket is shut down, and closes it: closed before, its number could
        // be another server's by the time that the thread accepts once more.
        Thread { Self.serve(listener, bodies) }.start()
    }

    deinit {
        shutdown(descriptor, CInt(SHUT_RDWR))
    }

    private static func serve(_ listener: CInt, _ bodies: [String]) {
        var number = 0
        while true {
            let connection = accept(listener, nil, nil)
            guard connection >= 0 else {
                close(listener)
                return
            }
            var request: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 4096)
            while !request.suffix(4).elementsEqual("\r\n\r\n".utf8) {
                let count = read(connection, &buffer, buffer.count)
                guard count > 0 else { break }
                request += buffer[..<count]
            }
            let body = bodies[min(number, bodies.count - 1)]
            number += 1
            let answer = """
                HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: \(body.utf8.count)\r\n\
                request-id: req_static_\(number)\r\nconnection: close\r\n\r\n\(body)
                """
            _ = Array(answer.utf8).withUnsafeBytes {
                send(connection, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL))
            }
            close(connection)
        }
    }
}
