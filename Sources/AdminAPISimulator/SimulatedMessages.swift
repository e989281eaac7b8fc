/// A request as the simulated API sees it.
package struct SimulatedRequest: Sendable {
    package var method: String
    /// Without the query, percent-decoded.
    package var path: String
    /// Decoded names and values, in their order.
    package var query: [(name: String, value: String)]
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]

    package init(
        method: String = "GET", path: String = SimulatedAPI.invitesPath, query: [(name: String, value: String)] = [],
        headers: [(name: String, value: String)] = [], body: [UInt8] = []
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
    }

    func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name }?.value
    }

    func queryValue(_ name: String) -> String? {
        query.first { $0.name == name }?.value
    }
}

/// An answer, and how it is to reach the client.
package struct SimulatedAnswer: Sendable {
    package var status: Int
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]
    package var delivery = Delivery.whole

    /// How much of an answer arrives, and when.
    package enum Delivery: Sendable, Hashable {
        case whole
        /// The connection breaks before the first byte.
        case reset
        /// The connection breaks after this many bytes of the body; the head announces the full length.
        case truncated(bytes: Int)
        /// The body arrives in small parts over this time, the first at once.
        case slow(Duration)
        /// Nothing arrives, and the connection stays open.
        case stalled
    }

    /// The first header of this name, which is in lower case.
    package func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name }?.value
    }
}
