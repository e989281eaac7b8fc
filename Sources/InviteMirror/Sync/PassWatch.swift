import InviteCore
import Synchronization

/// What a pass sees of its requests: it counts them, and it looks at whose organisation answers.
final class PassWatch: Sendable {
    private struct State {
        var requests = 0
        var retries = 0
        var organizationID: String?
        var requestID: String?
    }

    /// The organisation that the mirror holds, if it knows one.
    private let mirrored: String?
    private let state = Mutex(State())

    init(mirrored: String?) {
        self.mirrored = mirrored
    }

    /// - Throws: a ``Failure`` if another organisation answers.
    func observe(_ event: AdminAPI.Event) throws {
        switch event {
        case .sending(let isRetry):
            state.withLock { state in
                state.requests += 1
                if isRetry { state.retries += 1 }
            }
        case .arrived(let response):
            state.withLock { $0.requestID = response.requestID }
            guard let organizationID = response.organizationID else { return }
            let expected = state.withLock { state in
                defer { state.organizationID = state.organizationID ?? organizationID }
                return mirrored ?? state.organizationID
            }
            guard expected == nil || expected.isIdentical(to: organizationID) else {
                let other = mirrored == nil ? "an answer of the same pass was for" : "this mirror holds"
                throw Failure(
                    .refused,
                    """
                    refused: the API answered for the organisation \(organizationID.quoted), but \(other) \
                    \((expected ?? "").quoted). Nothing was recorded. Check the secret; another organisation needs a \
                    database of its own
                    """)
            }
        case .waiting: break
        }
    }

    /// Of the newest answer.
    var requestID: String? { state.withLock { $0.requestID } }

    func fill(_ record: inout PassRecord) {
        let state = state.withLock { $0 }
        record.counts.requests = state.requests
        record.counts.retries = state.retries
        record.organizationID = state.organizationID
    }
}
