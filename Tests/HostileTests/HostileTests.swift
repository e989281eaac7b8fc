import Synchronization
import Testing

/// One after another: they measure memory, and each case has a server of its own.
@Suite(
    "Hostile input", .serialized, .closing { HostileFigures.line },
    .compactMapIssues { issue in
        HostileFigures.violations.withLock { $0 += 1 }
        return issue
    })
enum HostileTests {}

/// What the suites came to.
enum HostileFigures {
    /// Answers of the tables, of the streams and of the redirects.
    static let answers = Mutex(0)
    static let pages = Mutex("no mutated page")
    static let violations = Mutex(0)

    static var line: String {
        """
        hostile inputs: \(answers.withLock { $0 }) answers handled, \(pages.withLock { $0 }), \
        \(violations.withLock { $0 }) violations
        """
    }
}
