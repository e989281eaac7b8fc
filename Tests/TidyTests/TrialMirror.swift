import AdminAPISimulator
import InviteCore
import InviteMirror

/// A mirror of a simulated organisation with a past: something in it answers each question of the README.
struct TrialMirror: Sendable {
    let path: String
    let baseURL: String
    /// An invite that is pending.
    let pendingID: String

    static let secret = "sk-ant-admin01-simulated"

    var environment: [String: String] {
        [
            "INVITE_MIRROR_DATABASE_PATH": path, "ANTHROPIC_BASE_URL": baseURL, "ANTHROPIC_ADMIN_KEY": Self.secret,
            "INVITE_ID": pendingID,
        ]
    }

    /// Makes the mirror in a folder, and has the organisation answer while the body runs.
    static func with(in folder: String, _ body: (TrialMirror) async throws -> Void) async throws {
        let now = MirrorClock.system.now()
        // The README asks for the state on the first of November 2026.
        let start = min(Timestamp(typed: "2026-10-20")!, now - days(40))
        let organization = SimulatedOrganization(seed: 5, invites: 60, now: start, livesOn: false)
        var modes = Modes()
        modes.listsDeleted = false
        modes.getDeleted = .notFound
        let path = "\(folder)/mirror.db"
        try await withServer(SimulatedAPI(organization: organization, secret: secret, modes: modes)) { server in
            let pendingID = try await live(from: start, to: now, on: server, mirroredAt: path)
            try await body(TrialMirror(path: path, baseURL: server.baseURL, pendingID: pendingID))
        }
    }

    /// Lets things happen between passes; the mirror is closed behind it, so that others may write.
    ///
    /// - Returns: the id of an invite that is pending.
    private static func live(
        from start: Timestamp, to now: Timestamp, on server: RunningServer, mirroredAt path: String
    ) async throws -> String {
        let store = try MirrorStore(path: path)
        func pass(at instant: Timestamp) async throws { try await run(store, on: server.baseURL, at: instant) }
        try await pass(at: start)
        let ids = await server.withAPI { api in
            api.organization.wind(to: now - days(12))
            return ["ada", "bob", "carol", "dan"].map {
                api.organization.create(email: "\($0)@example.com", role: "developer").id
            }
        }
        try await pass(at: now - days(12))
        await server.withAPI { api in
            api.organization.wind(to: now - days(5))
            api.organization.accept(id: ids[0])
            api.organization.delete(id: ids[2])
        }
        try await pass(at: now - days(5))
        await server.withAPI { $0.modes.missingScope = .forbidden }
        try await pass(at: now - days(2))
        await server.withAPI { api in
            api.modes.missingScope = nil
            api.organization.wind(to: now)
            api.organization.accept(id: ids[3])
            api.organization.create(email: "eve@example.com", role: "user")
        }
        try await pass(at: now)
        return ids[1]
    }

    private static func days(_ count: Int) -> Duration { .seconds(count * 86400) }

    private static func run(_ store: MirrorStore, on baseURL: String, at instant: Timestamp) async throws {
        let clock = MirrorClock(
            now: { instant }, uptime: MirrorClock.system.uptime, sleep: MirrorClock.system.sleep)
        let settings = try Settings(flags: ["api.base-url": baseURL], environment: [:], file: nil)
        try await HTTPTransport.with(
            settings: settings, secret: try Secret(.key, secret, from: "the tests"), environment: [:]
        ) { transport in
            let budget = RequestBudget(perMinute: 1_000_000, now: clock.uptime())
            _ = try await SyncPass(
                store: store, api: AdminAPI(transport: transport, budget: budget, clock: clock), clock: clock,
                pageSize: 50, fullInterval: settings.fullInterval
            ).run()
        }
    }
}
