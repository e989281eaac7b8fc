import Foundation
import InviteCore
import Logging

/// Log lines on standard error: with the time in a terminal, as JSON on request. Under systemd the lines of a service
/// become entries of the journal, with a priority and a field for each value.
package struct LineLogHandler: LogHandler {
    package var logLevel: Logger.Level
    package var metadata: Logger.Metadata = [:]
    private let format: LogFormat
    /// The journal, if standard error is a stream of it.
    private let journal: JournalStream?

    package init(level: Logger.Level, format: LogFormat = .text, environment: [String: String]) {
        logLevel = level
        self.format = format
        journal = JournalStream.isStandardError(environment) ? JournalStream() : nil
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        let metadata = self.metadata.merging(event.metadata ?? [:]) { $1 }
        let fields = metadata.sorted { $0.key < $1.key }.map { (key: $0.key, value: "\($0.value)") }
        let line: String
        switch (format, journal) {
        case (.json, _):
            line = Self.json("\(event.message)", event.level, fields, at: MirrorClock.system.now())
        case (.text, let journal?):
            line = Self.text("\(event.message)", fields)
            if journal.send(message: line, level: event.level, metadata: fields) { return }
        case (.text, nil):
            line =
                "\(MirrorClock.system.now().description.prefix(19))Z \(event.level.rawValue) "
                + Self.text("\(event.message)", fields)
        }
        let prefix = journal == nil ? "" : JournalStream.prefix(event.level)
        // A line that cannot be written is lost: the service goes on.
        try? FileHandle.standardError.write(contentsOf: Data("\(prefix)\(line)\n".utf8))
    }

    /// `message key=value …`.
    package static func text(_ message: String, _ fields: [(key: String, value: String)]) -> String {
        message + fields.map { " \($0.key)=\(quoted($0.value))" }.joined()
    }

    /// One object in one line; the fields stand beside `time`, `level` and `message`.
    package static func json(
        _ message: String, _ level: Logger.Level, _ fields: [(key: String, value: String)], at instant: Timestamp
    ) -> String {
        let own = [("time", instant.description), ("level", level.rawValue), ("message", message)]
        let members = own + fields.map { ($0.key, $0.value) }
        return "{"
            + members.map { "\(JSONText(string: $0.0).text):\(JSONText(string: $0.1).text)" }
            .joined(separator: ",") + "}"
    }

    private static func quoted(_ text: String) -> String {
        let isPlain = !text.isEmpty && text.allSatisfy { !$0.isWhitespace && $0 != "\"" && $0 != "=" }
        return isPlain ? text : JSONText(string: text).text
    }
}
