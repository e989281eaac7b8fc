import InviteCore

/// Why the API gave no answer that can be used. The sentences end without a full stop, so that more can follow.
package enum APIFailure: Error, Sendable, Equatable {
    /// A status that no further try changes.
    case status(Int, String)
    case unreachable(String)
    case unreadable(String)
    /// The API asked for more patience than the pass has.
    case comeBack(at: Timestamp, String)
    /// The pass has no time left for the request.
    case outOfTime

    func after(tries: Int) -> APIFailure {
        switch self {
        case .status(let status, let sentence): .status(status, "\(sentence), at the last of \(tries) tries")
        case .unreachable(let sentence): .unreachable("\(sentence), at the last of \(tries) tries")
        case .unreadable, .comeBack, .outOfTime: self
        }
    }

    package var exitStatus: ExitStatus {
        switch self {
        case .status(401, _), .status(403, _): .credential
        case .status(402, _), .status(300...399, _), .status(500...599, _): .unavailable
        case .status(408, _), .status(409, _), .status(429, _): .unavailable
        case .status, .unreadable: .data
        case .unreachable, .comeBack, .outOfTime: .unavailable
        }
    }

    /// What happened, and what to do about it.
    package var sentence: String {
        switch self {
        case .status(401, let sentence):
            "\(sentence): the secret is not valid; check ANTHROPIC_ADMIN_KEY or its credential"
        case .status(403, let sentence):
            "\(sentence): the secret may not read invites; it needs an Admin API key or scope"
        case .status(402, let sentence): "\(sentence): the organisation must settle a payment first"
        case .status(300...399, let sentence):
            "\(sentence): a redirect, which is never followed, since the secret would travel along; check api.base-url"
        case .status(_, let sentence), .unreachable(let sentence), .unreadable(let sentence): sentence
        case .comeBack(let instant, let sentence): "\(sentence) and asks to come back at \(instant)"
        case .outOfTime: "the pass ran out of time"
        }
    }
}
