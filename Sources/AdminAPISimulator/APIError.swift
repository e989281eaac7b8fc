/// An answer that is an error: its status, and the words of its envelope.
struct APIError: Error {
    var status: Int
    var message: String
    var headers: [(name: String, value: String)] = []

    init(status: Int, message: String) {
        self.status = status
        self.message = message
    }

    static func invalid(_ message: String) -> APIError { APIError(status: 400, message: message) }
    static func unauthorized(_ message: String) -> APIError { APIError(status: 401, message: message) }
    static func forbidden(_ message: String) -> APIError { APIError(status: 403, message: message) }
    static func notFound(_ message: String) -> APIError { APIError(status: 404, message: message) }
    static func methodNotAllowed(_ message: String) -> APIError { APIError(status: 405, message: message) }

    /// The envelope's `error.type`. Source: the API's reference, Errors.
    var type: String {
        switch status {
        case 401: "authentication_error"
        case 402: "billing_error"
        case 403: "permission_error"
        case 404: "not_found_error"
        case 408, 504: "timeout_error"
        case 409: "conflict_error"
        case 413: "request_too_large"
        case 429: "rate_limit_error"
        case 529: "overloaded_error"
        case 500...: "api_error"
        default: "invalid_request_error"
        }
    }

    func body(requestID: String) -> [UInt8] {
        let error = "{\"type\":\(JSONText.quoted(type)),\"message\":\(JSONText.quoted(message))}"
        return Array("{\"type\":\"error\",\"error\":\(error),\"request_id\":\(JSONText.quoted(requestID))}".utf8)
    }
}
