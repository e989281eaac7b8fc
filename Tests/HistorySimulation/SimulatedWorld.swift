import AdminAPISimulator
import Foundation
import InviteCore
import InviteMirror

/// The API as a transport in the same process, with the organisation living behind it between any two requests.
///
/// Everything that it answers is kept: the log of the mirror is held against it.
actor SimulatedWorld: APITransport {
    /// One answer that was delivered whole, as a parser that is not the mirror's reads it.
    struct Answered: Sendable {
        let requestID: String
        let pass: Int
        let status: Int
        /// Nil for a list.
        let getID: String?
        /// A list without a cursor.
        let isTop: Bool
        /// Whether it is a page after which there is none.
        let isLast: Bool
        let sentAt: Timestamp
        let arrivedAt: Timestamp
        /// What it shows, by id.
        let shown: [String: ShownInvite]
    }

    /// The API as it was at one instant, to be asked afterwards what it would have shown.
    struct Sample: Sendable {
        let instant: Timestamp
        private let api: SimulatedAPI

        init(instant: Timestamp, api: SimulatedAPI) {
            self.instant = instant
            self.api = api
        }

        func listed(_ id: String) -> ShownInvite? {
            api.listing.first { $0.id == id }.flatMap { ShownInvite.one(Array(api.document(of: $0).utf8)) }
        }

        var listing: [String: ShownInvite] {
            let invites = api.listing.compactMap { ShownInvite.one(Array(api.document(of: $0).utf8)) }
            return Dictionary(invites.map { ($0.id, $0) }) { $1 }
        }

        func got(_ id: String) -> ShownInvite? {
            var asked = api
            asked.faults = FaultPlan()
            let answer = asked.answer(SimulatedWorld.request("/\(id)", []))
            return answer.status == 200 ? ShownInvite.one(answer.body) : nil
        }
    }

    struct Crash: Error {}

    private let time: VirtualTime
    private var random: SeededGenerator
    private var api: SimulatedAPI
    private let faultSeed: UInt64
    private let plan: HistoryPlan
    private var pass = 0
    private var isDisturbed = true
    private var requestsUntilCrash: Int?
    private(set) var answers: [Answered] = []
    private(set) var samples: [Sample] = []
    private(set) var story: [String] = []
    private var crashFolder: (from: String, to: String)?

    static let secret = "sk-simulated"

    init(plan: HistoryPlan, time: VirtualTime) {
        self.plan = plan
        self.time = time
        random = SeededGenerator(seed: plan.seed ^ 0x5EED)
        faultSeed = plan.seed ^ 0xFA17
        api = SimulatedAPI(
            organization: SimulatedOrganization(seed: plan.seed, invites: plan.invites, now: time.now),
            secret: Self.secret, modes: plan.modes)
    }

    // MARK: What the history does

    func tell(_ line: String) {
        story.append(line)
    }

    func below(_ bound: Int) -> Int {
        Int.random(in: 0..<max(1, bound), using: &random)
    }

    func happens(_ probability: Double) -> Bool {
        Double.random(in: 0..<1, using: &random) < probability
    }

    /// Lets some time go by, with changes in it.
    func live(for duration: Duration, changes: Int) {
        time.advance(by: duration)
        api.organization.wind(to: time.now)
        sample()
        for _ in 0..<changes { change() }
    }

    /// A pass begins. Calm: no fault, no change, no time to speak of.
    ///
    /// - Parameter knowsOrganization: whether the mirror can tell a foreign organisation: the first answer that names
    ///   one is believed, so that a foreign one there is no fault that anybody could notice.
    func begin(
        pass: Int, isDisturbed: Bool, knowsOrganization: Bool, crashAfter: Int?,
        copying folder: (from: String, to: String)?
    ) {
        self.pass = pass
        self.isDisturbed = isDisturbed
        requestsUntilCrash = crashAfter
        crashFolder = folder
        let foreign: [Fault] = knowsOrganization ? [.organizationHeader("another-organisation")] : []
        let faults =
            FaultPlan.passing + FaultPlan.passing + FaultPlan.final + FaultPlan.nonsense + Self.longWaits + foreign
        api.faults =
            isDisturbed
            ? FaultPlan(seed: faultSeed &+ UInt64(pass), probability: plan.faultProbability, faults: faults)
            : FaultPlan()
        if isDisturbed && happens(plan.faultProbability * 3) {
            for _ in 0...below(3) { api.faults.enqueue(Self.getFaults.randomElement(using: &random)!, on: .get) }
        }
        api.organization.wind(to: time.now)
        sample()
    }

    private static let getFaults: [Fault] = [
        .status(400), .status(403), .status(500, shouldRetry: false), .delivery(.reset), .malformed(.notJSON),
        .redirect(302, location: "http://elsewhere.example/"),
    ]
    private static let longWaits: [Fault] = [
        .status(429, retryAfter: .seconds(400)), .status(503, retryAfter: .dateAfter(.seconds(900))),
        .redirect(302, location: "http://elsewhere.example/"),
    ]

    /// What a complete listing shows now.
    var listing: [String: ShownInvite] { Sample(instant: time.now, api: api).listing }

    // MARK: The transport

    func send(_ request: APIRequest) async throws -> APIResponse {
        if let left = requestsUntilCrash {
            requestsUntilCrash = left - 1
            if left == 0 {
                try crash()
                throw Crash()
            }
        }
        let sentAt = time.now
        pause()
        if isDisturbed && happens(plan.changeProbability) { change() }
        var simulated = SimulatedRequest(
            method: request.method, path: request.path, query: request.query,
            headers: [("x-api-key", Self.secret), ("anthropic-version", "2023-06-01")], body: request.body ?? [])
        if simulated.path.hasSuffix("/") { simulated.path.removeLast() }
        let answer = api.answer(simulated)
        sample()
        pause()
        if isDisturbed && happens(plan.changeProbability / 2) { change() }
        switch answer.delivery {
        case .whole: break
        case .slow(let duration): time.advance(by: duration)
        default: throw TransportFailure.broken("the connection was closed in the middle")
        }
        let response = APIResponse(
            status: answer.status,
            headers: Dictionary(answer.headers.map { ($0.name.lowercased(), $0.value) }) { $1 }, body: answer.body)
        note(request, response, sentAt: sentAt)
        return response
    }

    private func pause() {
        time.advance(by: .milliseconds(isDisturbed ? below(1500) + 1 : 1))
        if isDisturbed { api.organization.wind(to: time.now) }
    }

    private func note(_ request: APIRequest, _ response: APIResponse, sentAt: Timestamp) {
        let getID = request.path.split(separator: "/").last.map(String.init).flatMap { $0 == "invites" ? nil : $0 }
        let object = response.status == 200 ? try? JSONSerialization.jsonObject(with: Data(response.body)) : nil
        let isLast = getID == nil && (object as? [String: Any])?["has_more"] as? Bool == false
        let invites = (object as? [String: Any]).map { ($0["data"] as? [Any]) ?? [$0] } ?? []
        let shown = invites.compactMap { ($0 as? [String: Any]).flatMap(ShownInvite.init) }
        answers.append(
            Answered(
                requestID: response.requestID ?? "", pass: pass, status: response.status, getID: getID,
                isTop: getID == nil && request.query.allSatisfy { $0.name != "after_id" },
                isLast: isLast, sentAt: sentAt, arrivedAt: time.now, shown: Dictionary(shown.map { ($0.id, $0) }) { $1 }
            ))
    }

    /// What a killed process leaves behind: the files as they are at this moment.
    private func crash() throws {
        guard let crashFolder else { return }
        try Self.copyFiles(from: crashFolder.from, to: crashFolder.to)
        tell("  crash, the files stay as they are")
    }

    /// Copies the files of the mirror, in place of what was copied there before.
    static func copyFiles(from: String, to: String) throws {
        try? FileManager.default.removeItem(atPath: to)
        try FileManager.default.createDirectory(atPath: to, withIntermediateDirectories: true)
        for suffix in ["", "-wal", ".key"] where FileManager.default.fileExists(atPath: "\(from)/mirror.db\(suffix)") {
            let name = "mirror.db\(suffix)"
            try FileManager.default.copyItem(atPath: "\(from)/\(name)", toPath: "\(to)/\(name)")
        }
    }

    // MARK: The organisation

    /// Something that people do, or that the API's makers do.
    private func change() {
        let invites = api.organization.newestFirst
        // A few invites have eventful lives: what takes several changes of one invite to go wrong must come about.
        let eventful = below(2) == 0 ? Array(invites.suffix(3)) : invites
        guard let invite = eventful.randomElement(using: &random) else {
            api.organization.create(email: "first@example.com", role: "user")
            return sample()
        }
        let pending = invites.filter { $0.status == .pending }.randomElement(using: &random) ?? invite
        let id = invite.id
        switch below(17) {
        case 0, 1:
            let created = api.organization.create(email: "n\(below(1000))@example.com", role: "developer")
            tell("  \(time.now) created \(created.id)")
        case 2, 3: act("accepted", pending.id) { $0.organization.accept(id: pending.id) }
        case 4, 5: act("deleted", pending.id) { $0.organization.delete(id: pending.id) }
        case 6: act("declined", pending.id) { $0.organization.decline(id: pending.id) }
        case 7: act("expired", pending.id) { $0.organization.expire(id: pending.id) }
        case 8: act("resent", id) { $0.resend(id: id) != nil }
        case 9: act("purged", id) { $0.organization.purge(id: id) }
        case 10, 14, 15:
            let name = ["accepted_at", "rbac_group_ids", "note", "role", "role"].randomElement(using: &random)!
            let value = ["\"admin\"", "null", "7", "[1,{\"a\":2}]", nil, nil].randomElement(using: &random)!
            act("got \(name) \(value ?? "left out"):", id) { $0.organization.setField(id: id, name, value) }
        case 11: act("got a status by hand:", id) { $0.organization.setStatus(id: id, .accepted) }
        case 12:
            api.modes.listsDeleted.toggle()
            tell("  \(time.now) deleted ones are listed: \(api.modes.listsDeleted)")
        case 13:
            api.modes.getDeleted = api.modes.getDeleted == .found ? .notFound : .found
            tell("  \(time.now) Get on deleted ones: \(api.modes.getDeleted)")
        default: act("got a status by hand:", id) { $0.organization.setStatus(id: id, .pending) }
        }
        sample()
    }

    private func act(_ what: String, _ id: String, _ change: (inout SimulatedAPI) -> Bool) {
        if change(&api) { tell("  \(time.now) \(what) \(id)") }
    }

    // MARK: The truth

    private func sample() {
        samples.append(Sample(instant: time.now, api: api))
    }

    fileprivate static func request(_ suffix: String, _ query: [(name: String, value: String)]) -> SimulatedRequest {
        SimulatedRequest(
            method: "GET", path: SimulatedAPI.invitesPath + suffix, query: query,
            headers: [("x-api-key", secret), ("anthropic-version", "2023-06-01")], body: [])
    }
}
