import Foundation
import InviteCore
import Logging

/// Log lines on standard error: with the time in a terminal, with a priority (sd-daemon(3)) under systemd, which keeps
/// the time itself.
package struct LineLogHandler: LogHandler {
    package var logLevel: Logger.Level
    package var metadata: Logger.Metadata = [:]
    private let isJournal: Bool

    package init(level: Logger.Level, environment: [String: String]) {
        logLevel = level
        isJournal = Self.isJournal(environment["JOURNAL_STREAM"])
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        let metadata = self.metadata.merging(event.metadata ?? [:]) { $1 }
        let fields = metadata.sorted { $0.key < $1.key }.map { " \($0.key)=\(Self.quoted("\($0.value)"))" }.joined()
        let start =
            isJournal
            ? "<\(event.level.journalPriority)>"
            : "\(MirrorClock.system.now().description.prefix(19))Z \(event.level.rawValue) "
        // A line that cannot be written is lost: the service goes on.
        try? FileHandle.standardError.write(contentsOf: Data("\(start)\(event.message)\(fields)\n".utf8))
    }

    private static func quoted(_ text: String) -> String {
        let isPlain = !text.isEmpty && text.allSatisfy { !$0.isWhitespace && $0 != "\"" && $0 != "=" }
        return isPlain ? text : JSONText(string: text).text
    }

    /// `$JOURNAL_STREAM` names the device and inode of the journal's stream: it is ours only if they are those of
    /// standard error.
    private static func isJournal(_ variable: String?) -> Bool {
        var status = stat()
        guard let variable, fstat(STDERR_FILENO, &status) == 0 else { return false }
        return variable == "\(status.st_dev):\(status.st_ino)"
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
