import ArgumentParser
import Foundation
import InviteCore
import InviteMirror

/// What is printed, and how.
enum Output {
    static func print(_ line: String) {
        write(line + "\n", to: STDOUT_FILENO)
    }

    static func complain(_ line: String) {
        write(line + "\n", to: STDERR_FILENO)
    }

    /// Writes all of a text. A reader who has gone away (`| head`) has what it wanted, and the program is done; any
    /// other failure of standard output is told, since a script may take what it got for everything.
    static func write(_ text: String, to descriptor: CInt) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR && errno != EAGAIN {
                let reason = errno
                guard descriptor == STDOUT_FILENO else { return }
                if reason == EPIPE { Foundation.exit(ExitStatus.done.rawValue) }
                complain("invite-mirror: the output cannot be written: \(String(cString: strerror(reason)))")
                Foundation.exit(ExitStatus.internalError.rawValue)
            }
        }
    }

    /// Whether a person watches standard error.
    static var isInteractive: Bool { isatty(STDERR_FILENO) == 1 }
}

/// `--format`.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case text, json
}

/// A table for people: columns as wide as what stands in them.
struct TextTable {
    private let header: [String]
    private var rows: [[String]] = []

    init(_ header: [String]) {
        self.header = header
    }

    mutating func add(_ row: [String]) {
        rows.append(row.map(\.visible))
    }

    var isEmpty: Bool { rows.isEmpty }

    var lines: [String] {
        let all = [header] + rows
        let widths = header.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        return all.map { row in
            row.indices.map { column in
                let text = row[column]
                let space = String(repeating: " ", count: widths[column] - text.count)
                return Self.isNumber(text) ? space + text : text + space
            }.joined(separator: "  ").trimmedAtEnd
        }
    }

    private static func isNumber(_ text: String) -> Bool {
        !text.isEmpty && text.allSatisfy { $0.isASCII && ($0.isNumber || $0 == "," || $0 == ".") }
    }
}

extension String {
    fileprivate var trimmedAtEnd: String {
        var text = Substring(self)
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
