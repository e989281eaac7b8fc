import InviteCore

/// One request to the Admin API, without the parts that every request has.
package struct APIRequest: Sendable, Equatable {
    package let method: String
    /// Percent-encoded, below the base URL.
    package let path: String
    /// Percent-encoded when sent.
    package let query: [(name: String, value: String)]
    /// JSON, if there is one.
    package let body: [UInt8]?

    package init(
        _ method: String, _ path: String, query: [(name: String, value: String)] = [], body: [UInt8]? = nil
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.body = body
    }

    package static func == (left: APIRequest, right: APIRequest) -> Bool {
        left.method == right.method && left.path.isIdentical(to: right.path) && left.body == right.body
            && left.query.elementsEqual(right.query) { $0.name == $1.name && $0.value.isIdentical(to: $1.value) }
    }
}

/// One response, whole.
package struct APIResponse: Sendable, Equatable {
    package let status: Int
    /// Names in lower case.
    package let headers: [String: String]
    package let body: [UInt8]

    package init(status: Int, headers: [String: String], body: [UInt8]) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    package var requestID: String? { headers["request-id"] }
    package var organizationID: String? { headers["anthropic-organization-id"] }
}

/// Why a try brought no response.
package enum TransportFailure: Error, Sendable, Equatable {
    /// Refused, reset, cut off, no such host, no trust.
    case broken(String)
    case timedOut(after: Duration)
    case tooLarge(limit: Int)
    /// The body holds the secret: it would end up in the mirror.
    case disclosing
}

/// Sends one request, once. It throws ``TransportFailure`` or `CancellationError`.
package protocol APITransport: Sendable {
    func send(_ request: APIRequest) async throws -> APIResponse
}
