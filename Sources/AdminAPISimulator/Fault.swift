import InviteCore

/// Something that goes wrong with one request.
package enum Fault: Sendable {
    /// Nothing: lets one request of a queue through unharmed.
    case none
    /// An error in place of the answer; the request is not carried out.
    ///
    /// `shouldRetry` is the header `x-should-retry`, absent where nil.
    case status(Int, retryAfter: RetryAfter? = nil, shouldRetry: Bool? = nil)
    /// 301, 302, 307 or 308 to a URL; the request is not carried out.
    case redirect(Int, location: String)
    /// The request is carried out and its answer arrives in this way.
    case delivery(SimulatedAnswer.Delivery)
    /// The request is carried out and its answer says nonsense.
    case malformed(Malformation)
    /// The answer names this organisation; nil names none.
    case organizationHeader(String?)
    /// Something happens to the organisation between the previous request and this one, which is then answered.
    case mutation(@Sendable (inout SimulatedOrganization) -> Void)

    /// How an answer says when to come again.
    package enum RetryAfter: Sendable, Hashable {
        case seconds(Int)
        case milliseconds(Int)
        /// An HTTP date, this long after the organisation's now.
        case dateAfter(Duration)
        case date(Timestamp)
        /// The header with any text.
        case verbatim(String)

        /// A year: longer than anybody waits.
        package static let absurdlyLong = RetryAfter.seconds(31_536_000)

        func header(now: Timestamp) -> (name: String, value: String) {
            switch self {
            case .seconds(let seconds): ("retry-after", "\(seconds)")
            case .milliseconds(let milliseconds): ("retry-after-ms", "\(milliseconds)")
            case .dateAfter(let duration): ("retry-after", HTTPDate.text(of: now + duration))
            case .date(let instant): ("retry-after", HTTPDate.text(of: instant))
            case .verbatim(let text): ("retry-after", text)
            }
        }
    }

    func applies(to endpoint: SimulatedEndpoint, hasCursor: Bool) -> Bool {
        guard case .malformed(let malformation) = self else { return true }
        return malformation.applies(to: endpoint, hasCursor: hasCursor)
    }
}

/// What a request is for.
package enum SimulatedEndpoint: Sendable, Hashable, CaseIterable {
    case list, get, create, delete
    /// Any path or method that the API does not have.
    case unknown
}
