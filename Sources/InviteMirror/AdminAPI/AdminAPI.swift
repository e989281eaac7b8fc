import InviteCore
import Synchronization

/// The Admin API's invite endpoints, one call for each: the request budget, the retries, the errors.
package struct AdminAPI: Sendable {
    private let transport: any APITransport
    private let budget: RequestBudget
    private let clock: MirrorClock
    private let random: @Sendable () -> Double

    private static let path = "/v1/organizations/invites"

    /// - Parameter random: from 0 up to 1, drawn for every wait between two tries.
    package init(
        transport: any APITransport, budget: RequestBudget, clock: MirrorClock,
        random: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) }
    ) {
        self.transport = transport
        self.budget = budget
        self.clock = clock
        self.random = random
    }

    /// An answer that is final: 200, 400 or 404.
    package struct Answer: Sendable {
        package let response: APIResponse
        package let arrivedAt: Timestamp
    }

    /// What happens on the way to an answer.
    package enum Event: Sendable {
        case sending(isRetry: Bool)
        case arrived(APIResponse)
        case waiting(Duration, for: Wait)

        package enum Wait: Sendable {
            case budget
            /// Another try; the reason is for people.
            case retry(String)
        }
    }

    /// What a call may do and whom it tells.
    package struct Call: Sendable {
        /// Uptime at which the pass that it belongs to must end.
        package let deadline: Duration
        /// Called for each event; what it throws ends the call.
        package let observe: @Sendable (Event) throws -> Void

        package init(deadline: Duration, observe: @escaping @Sendable (Event) throws -> Void) {
            self.deadline = deadline
            self.observe = observe
        }
    }

    // MARK: Endpoints

    /// List Invites. - Parameter limit: 1…1000.
    package func list(
        limit: Int?, afterID: String? = nil, beforeID: String? = nil, _ call: Call
    ) async throws -> Answer {
        var query: [(name: String, value: String)] = []
        if let limit { query.append(("limit", String(limit))) }
        if let afterID { query.append(("after_id", afterID)) }
        if let beforeID { query.append(("before_id", beforeID)) }
        return try await perform(APIRequest("GET", Self.path, query: query), call)
    }

    /// Get Invite.
    package func get(_ id: String, _ call: Call) async throws -> Answer {
        try await perform(APIRequest("GET", "\(Self.path)/\(id.percentEncoded)"), call)
    }

    /// Create Invite. The mirror itself never calls it.
    package func create(email: String, role: String, _ call: Call) async throws -> Answer {
        let body = "{\"email\":\(JSONText(string: email).text),\"role\":\(JSONText(string: role).text)}"
        return try await perform(APIRequest("POST", Self.path, body: Array(body.utf8)), call)
    }

    /// Delete Invite. The mirror itself never calls it.
    package func delete(_ id: String, _ call: Call) async throws -> Answer {
        try await perform(APIRequest("DELETE", "\(Self.path)/\(id.percentEncoded)"), call)
    }

    // MARK: Tries

    private func perform(_ request: APIRequest, _ call: Call) async throws -> Answer {
        var tries = 0
        var started: Duration?
        while true {
            try await spend(call)
            tries += 1
            let startedAt = started ?? clock.uptime()
            started = startedAt
            try call.observe(.sending(isRetry: tries > 1))
            let failure: TryFailure
            do {
                let response = try await transport.send(request)
                let answer = Answer(response: response, arrivedAt: clock.now())
                try call.observe(.arrived(response))
                guard let failed = TryFailure(answer) else { return answer }
                failure = failed
            } catch let error as TransportFailure {
                failure = TryFailure(error)
            }
            // Only of 429 is it sure that nothing was created.
            guard request.method != "POST" || failure.backoff.status == 429 else { throw failure.final(tries: tries) }
            let decision = Backoff.decide(
                failure.backoff, tries: tries, elapsed: clock.uptime() - startedAt,
                remaining: call.deadline - clock.uptime(), random: random())
            switch decision {
            case .giveUp: throw failure.final(tries: tries)
            case .comeBack(let after): throw APIFailure.comeBack(at: clock.now() + after, failure.sentence)
            case .wait(let duration):
                try call.observe(.waiting(duration, for: .retry(failure.sentence)))
                try await clock.sleep(duration)
            }
        }
    }

    private func spend(_ call: Call) async throws {
        let wait = budget.take(now: clock.uptime())
        if wait > call.deadline - clock.uptime() { throw APIFailure.outOfTime }
        if wait > .zero {
            try call.observe(.waiting(wait, for: .budget))
            try await clock.sleep(wait)
        }
        try Task.checkCancellation()
    }
}

/// The organisation's budget of requests, shared by all passes of a process.
package final class RequestBudget: Sendable {
    private let bucket: Mutex<TokenBucket>

    package init(perMinute: Int, now: Duration) {
        bucket = Mutex(TokenBucket(perMinute: perMinute, now: now))
    }

    /// Takes one request: how long it has to wait.
    func take(now: Duration) -> Duration {
        bucket.withLock { $0.take(now: now) }
    }
}

/// A try that brought no usable answer.
private struct TryFailure {
    let backoff: Backoff.Failure
    let sentence: String
    private let kind: APIFailure

    /// Nil if the answer is final: it is the caller's to read.
    init?(_ answer: AdminAPI.Answer) {
        let response = answer.response
        guard ![200, 400, 404].contains(response.status) else { return nil }
        backoff = Backoff.Failure(
            status: response.status,
            retryAfter: RetryAfter.wait(
                milliseconds: response.headers["retry-after-ms"], secondsOrDate: response.headers["retry-after"],
                now: answer.arrivedAt),
            shouldRetry: response.headers["x-should-retry"].flatMap { Bool($0.trimmed.lowercased()) })
        let request = response.requestID.map { " (request \($0.quoted))" } ?? ""
        sentence = "the API answered \(response.status)\(request)"
        kind = .status(response.status, sentence)
    }

    init(_ error: TransportFailure) {
        // An answer that is too large, or has what none must have, will be so again.
        backoff = Backoff.Failure(status: nil, shouldRetry: error.isPassing ? nil : false)
        sentence = error.sentence
        kind = error.isPassing ? .unreachable(sentence) : .unreadable(sentence)
    }

    func final(tries: Int) -> APIFailure {
        tries == 1 ? kind : kind.after(tries: tries)
    }
}

extension TransportFailure {
    fileprivate var isPassing: Bool {
        switch self {
        case .broken, .timedOut: true
        case .tooLarge, .disclosing: false
        }
    }

    fileprivate var sentence: String {
        switch self {
        case .broken(let reason): "the API cannot be reached: \(reason)"
        case .timedOut(let timeout): "the API did not answer within \(Int(timeout.inSeconds)) s"
        case .tooLarge(let limit): "the answer is larger than \(limit / 1024 / 1024) MiB"
        case .disclosing:
            "the answer holds the secret itself, which is never stored; renew it, and ask who answers at api.base-url"
        }
    }
}
