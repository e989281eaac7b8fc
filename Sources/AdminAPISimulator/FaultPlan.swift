/// Which requests go wrong, and how: queued ones first, then the standing one, then what chance brings.
package struct FaultPlan: Sendable {
    /// The fault of every request for which none is queued.
    package var standing: Fault?
    private var queued: [(fault: Fault, endpoint: SimulatedEndpoint?)] = []
    private var chance: Chance?

    private struct Chance: Sendable {
        var generator: SeededGenerator
        /// 0…1.
        let probability: Double
        let faults: [Fault]

        mutating func draw() -> Fault? {
            // Two draws for every request, so that the sequence does not depend on what was met.
            let isHit = generator.unit() < probability
            let index = generator.below(max(1, faults.count))
            return isHit && !faults.isEmpty ? faults[index] : nil
        }
    }

    package init() {}

    /// Faults drawn at random: the same seed and the same requests meet the same faults.
    ///
    /// - Parameter probability: of a fault, for each request, 0…1.
    package init(seed: UInt64, probability: Double, faults: [Fault] = FaultPlan.passing) {
        let generator = SeededGenerator(seed: seed, domain: .faults, index: 0)
        chance = Chance(generator: generator, probability: probability, faults: faults)
    }

    /// Queues faults for the next requests, one each; with an endpoint for the next ones to that.
    ///
    /// A fault that cannot show itself in an answer (a malformed page in answer to a Get) waits for one where it can.
    package mutating func enqueue(_ faults: Fault..., on endpoint: SimulatedEndpoint? = nil) {
        queued += faults.map { ($0, endpoint) }
    }

    /// How many queued faults no request has met yet.
    package var pending: Int { queued.count }

    mutating func next(for endpoint: SimulatedEndpoint, hasCursor: Bool) -> Fault? {
        let index = queued.firstIndex {
            ($0.endpoint ?? endpoint) == endpoint && $0.fault.applies(to: endpoint, hasCursor: hasCursor)
        }
        if let index { return queued.remove(at: index).fault }
        if let standing { return standing.applies(to: endpoint, hasCursor: hasCursor) ? standing : nil }
        guard let drawn = chance?.draw(), drawn.applies(to: endpoint, hasCursor: hasCursor) else { return nil }
        return drawn
    }

    /// What a client that tries again soon gets over.
    package static let passing: [Fault] = [
        .status(429, retryAfter: .seconds(1)), .status(429, retryAfter: .milliseconds(200)),
        .status(429, retryAfter: .dateAfter(.seconds(1))), .status(429), .status(500), .status(502), .status(503),
        .status(504), .status(529), .status(529, shouldRetry: true), .status(408), .status(409),
        .delivery(.reset), .delivery(.truncated(bytes: 40)), .delivery(.slow(.milliseconds(300))),
    ]

    /// What no client should retry.
    package static let final: [Fault] = [
        .status(400), .status(401), .status(402), .status(403), .status(500, shouldRetry: false),
    ]

    /// Every kind of nonsense in an answer of status 200.
    package static let nonsense: [Fault] = Malformation.allCases.map(Fault.malformed)
}
