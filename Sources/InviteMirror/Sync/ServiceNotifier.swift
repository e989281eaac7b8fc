import Foundation

/// Tells the service manager how the service is: the protocol of sd_notify(3), a datagram to `$NOTIFY_SOCKET`.
package struct ServiceNotifier: Sendable {
    private let socketPath: String?
    /// How often the service manager wants a sign of life at least, if it wants one (`$WATCHDOG_USEC`).
    package let watchdogInterval: Duration?

    package init(environment: [String: String]) {
        socketPath = environment["NOTIFY_SOCKET"].flatMap { $0.hasPrefix("/") || $0.hasPrefix("@") ? $0 : nil }
        let isMeant = environment["WATCHDOG_PID"].map { $0 == String(getpid()) } ?? true
        watchdogInterval = environment["WATCHDOG_USEC"].flatMap { Int64($0) }
            .flatMap { isMeant && $0 > 0 ? .microseconds($0) : nil }
    }

    package func ready(_ status: String) { send("READY=1\nSTATUS=\(status)") }
    package func status(_ status: String) { send("STATUS=\(status)") }
    package func stopping() { send("STOPPING=1\nSTATUS=stopping") }
    package func watchdog() { send("WATCHDOG=1") }

    /// Announces that the settings are read again; ``ready(_:)`` must follow.
    package func reloading() {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        send("RELOADING=1\nMONOTONIC_USEC=\(Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)")
    }

    /// A message that cannot be delivered is lost: the service works as well without a manager that listens.
    private func send(_ message: String) {
        guard let socketPath else { return }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var path = Array(socketPath.utf8)
        guard path.count < MemoryLayout.size(ofValue: address.sun_path) else { return }
        // A name that starts with @ is an abstract one, whose first byte is NUL.
        if path[0] == UInt8(ascii: "@") { path[0] = 0 }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
        let descriptor = socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + path.count)
        let text = Array(message.utf8)
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                _ = sendto(
                    descriptor, text, text.count, CInt(MSG_NOSIGNAL) | CInt(MSG_DONTWAIT), address, length)
            }
        }
    }
}
