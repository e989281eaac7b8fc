/// The program's exit codes (sysexits.h, where it has one): what a script learns of a run.
package enum ExitStatus: Int32, Sendable {
    case done = 0
    case usage = 64
    /// The API's answers contradict each other or cannot be read.
    case data = 65
    case noDatabase = 66
    case unavailable = 69
    case internalError = 70
    /// The database cannot be read or written.
    case database = 74
    /// A pass was refused: an operator must look.
    case refused = 75
    case credential = 77
    case configuration = 78

    /// Only an operator can mend it: trying again at the same pace would be hammering.
    package var needsOperator: Bool {
        self == .refused || self == .credential
    }
}

/// An error for people: what happened, what it means for the data, what to do. Never a secret in it.
package struct Failure: Error, Sendable, Equatable, CustomStringConvertible {
    package let exitStatus: ExitStatus
    package let description: String

    package init(_ exitStatus: ExitStatus, _ description: String) {
        self.exitStatus = exitStatus
        self.description = description
    }
}
