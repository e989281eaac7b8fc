import Foundation

/// One datagram to a Unix socket, as the service manager and the journal take them.
enum UnixDatagram {
    /// Sends `message`.
    ///
    /// - Parameters:
    ///   - path: a path, or the name of an abstract socket with `@` before it.
    ///   - patience: how many seconds to wait at the most for a receiver who has not read what came before.
    /// - Returns: whether it was taken. Nobody need listen: the caller decides what a lost message means.
    @discardableResult
    static func send(_ message: [UInt8], to path: String, patience: Int) -> Bool {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var name = Array(path.utf8)
        guard !name.isEmpty, name.count < MemoryLayout.size(ofValue: address.sun_path) else { return false }
        // A name that starts with @ is an abstract one, whose first byte is NUL.
        if name[0] == UInt8(ascii: "@") { name[0] = 0 }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        let descriptor = socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var timeout = timeval(tv_sec: patience, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        let length = socklen_t(MemoryLayout<sa_family_t>.size + name.count)
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                // A timeout of zero would be none at all.
                let flags = CInt(MSG_NOSIGNAL) | (patience == 0 ? CInt(MSG_DONTWAIT) : 0)
                return sendto(descriptor, message, message.count, flags, address, length) == message.count
            }
        }
    }
}
