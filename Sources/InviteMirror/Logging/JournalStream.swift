import Foundation
import Logging

/// The journal of systemd: whether it takes what is written to standard error, and how it takes entries with fields.
package struct JournalStream: Sendable {
    /// Where journald takes entries in its native protocol.
    package static let socketPath = "/run/systemd/journal/socket"

    private let socketPath: String

    package init(socketPath: String = Self.socketPath) {
        self.socketPath = socketPath
    }

    /// Whether standard error is a stream of the journal: `$JOURNAL_STREAM` names the device and inode of one, and it
    /// is meant only if they are those of standard error.
    package static func isStandardError(_ environment: [String: String]) -> Bool {
        var status = stat()
        guard let variable = environment["JOURNAL_STREAM"], fstat(STDERR_FILENO, &status) == 0 else { return false }
        return variable == "\(status.st_dev):\(status.st_ino)"
    }

    /// What journald reads before a line of standard error as its priority (sd-daemon(3)).
    package static func prefix(_ level: Logger.Level) -> String { "<\(level.journalPriority)>" }

    /// - Returns: whether the journal took the entry.
    func send(message: String, level: Logger.Level, metadata: [(key: String, value: String)]) -> Bool {
        UnixDatagram.send(Self.entry(message: message, level: level, metadata: metadata), to: socketPath, patience: 0)
    }

    /// An entry in the native protocol: a field for each value, named `INVITE_MIRROR_` and its key.
    package static func entry(
        message: String, level: Logger.Level, metadata: [(key: String, value: String)]
    ) -> [UInt8] {
        var entry: [UInt8] = []
        append("MESSAGE", message, to: &entry)
        append("PRIORITY", "\(level.journalPriority)", to: &entry)
        append("SYSLOG_IDENTIFIER", "invite-mirror", to: &entry)
        for (key, value) in metadata { append("INVITE_MIRROR_" + fieldName(key), value, to: &entry) }
        return entry
    }

    /// A value with a line break is sent with its length, so that no value can pass for another field.
    private static func append(_ name: String, _ value: String, to entry: inout [UInt8]) {
        let bytes = Array(value.utf8)
        entry += name.utf8
        guard bytes.contains(UInt8(ascii: "\n")) else {
            entry += [UInt8(ascii: "=")] + bytes + [UInt8(ascii: "\n")]
            return
        }
        entry.append(UInt8(ascii: "\n"))
        withUnsafeBytes(of: UInt64(bytes.count).littleEndian) { entry += $0 }
        entry += bytes + [UInt8(ascii: "\n")]
    }

    /// Upper-case letters, digits and underscores are all that a field's name may have.
    private static func fieldName(_ key: String) -> String {
        String(key.uppercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
    }
}

extension Logger.Level {
    fileprivate var journalPriority: Int {
        switch self {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }
}
