import Synchronization
import Testing

/// One after another: they measure memory, and each case has a server of its own.
@Suite("Hostile input", .serialized, .hostileFigures)
enum HostileTests {}

/// What the suites came to.
enum HostileFigures {
    /// Answers of the tables, of the streams and of the redirects.
    static let answers = Mutex(0)
    static let pages = Mutex("no mutated page")
    static let violations = Mutex(0)

    fileprivate static var line: String {
        """
        hostile inputs: \(answers.withLock { $0 }) answers handled, \(pages.withLock { $0 }), \
        \(violations.withLock { $0 }) violations
        """
    }
}

/// Counts the issues of a suite and prints the figures when it has ended.
struct HostileFiguresLine: SuiteTrait, TestScoping {
    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        // As a trait of its own it would count an issue once for the suite, and once more for each level below it.
        let counting: IssueHandlingTrait = .compactMapIssues { issue in
            HostileFigures.violations.withLock { $0 += 1 }
            return issue
        }
        try await counting.provideScope(for: test, testCase: testCase, performing: function)
        print(HostileFigures.line)
    }
}

extension Trait where Self == HostileFiguresLine {
    static var hostileFigures: HostileFiguresLine { HostileFiguresLine() }
}
