import InviteCore

/// Owns the simulated API while a server answers for it, and moves its time.
actor SimulationHost {
    private var api: SimulatedAPI
    private let clock: SimulatedServer.Clock
    private var lastMoved: ContinuousClock.Instant
    private var counts: [String: Int] = [:]

    init(_ api: SimulatedAPI, clock: SimulatedServer.Clock) {
        self.api = api
        self.clock = clock
        lastMoved = .now
    }

    func answer(_ request: SimulatedRequest) -> SimulatedAnswer {
        move()
        counts[request.path, default: 0] += 1
        return api.answer(request)
    }

    func withAPI<Value: Sendable>(_ body: @Sendable (inout SimulatedAPI) throws -> Value) rethrows -> Value {
        move()
        return try body(&api)
    }

    /// How many requests were made to each path.
    var requestCounts: [String: Int] { counts }

    private func move() {
        guard case .running(let speed) = clock else { return }
        let moment = ContinuousClock.now
        let target = api.organization.now + (moment - lastMoved) * max(0, speed)
        // What is less than a microsecond of simulated time adds up until it is one.
        guard target > api.organization.now else { return }
        api.organization.wind(to: target)
        lastMoved = moment
    }
}
