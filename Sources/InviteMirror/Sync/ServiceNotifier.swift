import Foundation
import Synchronization

/// Tells the service manager how the service is: the protocol of sd_notify(3), a datagram to `$NOTIFY_SOCKET`.
package struct ServiceNotifier: Sendable {
    private let socketPath: String?
    /// How often the service manager wants a sign of life at least, if it wants one (`$WATCHDOG_USEC`).
    package let watchdogInterval: Duration?
    /// The newest status, for others who ask.
    package let board = StatusBoard()

    package init(environment: [String: String]) {
        socketPath = environment["NOTIFY_SOCKET"].flatMap { $0.hasPrefix("/") || $0.hasPrefix("@") ? $0 : nil }
        let isMeant = environment["WATCHDOG_PID"].map { $0 == String(getpid()) } ?? true
        watchdogInterval = environment["WATCHDOG_USEC"].flatMap { Int64($0) }
            .flatMap { isMeant && $0 > 0 ? .microseconds($0) : nil }
    }

    package func ready(_ status: String) { send("READY=1", status: status, patience: 2) }
    package func status(_ status: String) { send(status: status) }
    package func stopping() { send("STOPPING=1", status: "stopping") }
    package func watchdog() { send("WATCHDOG=1") }

    /// Announces that a start or a stop takes up to so much longer than the manager would wait.
    package func extendTimeout(_ duration: Duration) {
        send("EXTEND_TIMEOUT_USEC=\(duration.wholeMicroseconds)")
    }

    /// Announces that the settings are read again; ``ready(_:)`` must follow.
    package func reloading() {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        send("RELOADING=1\nMONOTONIC_USEC=\(Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)", patience: 2)
    }

    /// A message that cannot be delivered is lost: the service works as well without a manager that listens.
    ///
    /// - Parameter patience: seconds to wait at the most for a manager that is busy. It would wait in vain for a READY
    ///   that was lost; anything else must not keep the service from what it has to do, stopping least of all.
    private func send(_ assignments: String? = nil, status: String? = nil, patience: Int = 0) {
        if let status { board.text = status }
        guard let socketPath else { return }
        // Assignments are lines: a line break within a status would end it.
        let line = status.map { "STATUS=" + $0.replacing("\n", with: " ") }
        let message = [assignments, line].compactMap(\.self).joined(separator: "\n")
        UnixDatagram.send(Array(message.utf8), to: socketPath, patience: patience)
    }
}

/// The newest status of the service, in plain words.
package final class StatusBoard: Sendable {
    private let newest = Mutex("starting")

    package var text: String {
        get { newest.withLock { $0 } }
        set { newest.withLock { $0 = newValue } }
    }
}
