import AdminAPISimulator
import Foundation
import GRDB
import InviteCore
import InviteMirror
import Synchronization
import Testing

let testNow = Timestamp(rfc3339: "2026-05-04T10:20:30.123456Z")!
let testSecret = "sk-ant-admin01-of-the-tests"

/// A folder that is gone after the test.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "invite-mirror-tests-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { "\(path)/\(name)" }

    func write(_ text: String, to name: String) throws -> String {
        try Data(text.utf8).write(to: URL(fileURLWithPath: file(name)))
        return file(name)
    }
}

extension SimulatedAPI {
    /// An API over an organisation in which nothing happens by itself but expiry.
    static func still(invites: Int, modes: Modes = Modes()) -> SimulatedAPI {
        let organization = SimulatedOrganization(seed: 42, invites: invites, now: testNow, livesOn: false)
        return SimulatedAPI(organization: organization, secret: testSecret, modes: modes)
    }

    /// Where invites that ended otherwise than by acceptance are simply not known any more.
    static func forgetful(invites: Int) -> SimulatedAPI {
        var modes = Modes()
        modes.listsDeleted = false
        modes.getDeleted = .notFound
        return still(invites: invites, modes: modes)
    }
}

/// A clock whose instants a test sets; waits end at once, and are counted.
final class TestClock: Sendable {
    private struct State {
        var now = testNow
        var waits: [Duration] = []
    }
    private let state = Mutex(State())

    func move(by duration: Duration) { state.withLock { $0.now = $0.now + duration } }
    var now: Timestamp { state.withLock { $0.now } }
    var waits: [Duration] { state.withLock { $0.waits } }

    var clock: MirrorClock {
        MirrorClock(
            // A millisecond more each time that somebody looks: nothing happens at the same instant.
            now: {
                self.state.withLock { state in
                    state.now = state.now + .milliseconds(1)
                    return state.now
                }
            }, uptime: { self.now - testNow },
            sleep: { duration in
                try Task.checkCancellation()
                self.state.withLock { state in
                    state.waits.append(duration)
                    state.now = state.now + duration
                }
            })
    }
}

/// A semaphore. Each mirror needs a dozen descriptors, and where some 1,300 are open Foundation's `Process.run` reads
/// past the end of its memory (swift-corelibs-foundation, pull request 5472), which ends all tests.
private final class MirrorsAtOnce: Sendable {
    static let shared = MirrorsAtOnce()

    private let state = Mutex((free: 32, waiting: [CheckedContinuation<Void, Never>]()))

    func wait() async {
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                guard state.free > 0 else {
                    state.waiting.append(continuation)
                    return false
                }
                state.free -= 1
                return true
            }
            if isFree { continuation.resume() }
        }
    }

    func signal() {
        let next = state.withLock { state in
            if state.waiting.isEmpty { state.free += 1 }
            return state.waiting.isEmpty ? nil : state.waiting.removeFirst()
        }
        next?.resume()
    }
}

/// A mirror of a simulated organisation, over real HTTP, in a folder of its own.
struct Mirror {
    let folder: TemporaryFolder
    let server: RunningServer
    let store: MirrorStore
    let clock = TestClock()
    var pageSize = 10
    var secret = testSecret
    /// Longer than a loaded machine takes for a slow answer.
    var timeout = 60

    static func with(
        _ api: SimulatedAPI, _ body: (Mirror) async throws -> Void
    ) async throws {
        await MirrorsAtOnce.shared.wait()
        defer { MirrorsAtOnce.shared.signal() }
        let folder = try TemporaryFolder()
        try await withServer(api) { server in
            try await body(Mirror(folder: folder, server: server, store: MirrorStore(path: folder.file("mirror.db"))))
        }
    }

    /// Runs one pass, a minute after what was before it.
    @discardableResult
    func pass(
        fullInterval: Duration = .zero, acceptsRemovals: Bool = false,
        progress: @escaping @Sendable (PassProgress) -> Void = { _ in }
    ) async throws -> PassResult {
        clock.move(by: .seconds(60))
        let settings = try Settings(
            flags: ["api.base-url": server.baseURL, "api.request-timeout-seconds": "\(timeout)"], environment: [:],
            file: nil)
        return try await HTTPTransport.with(
            settings: settings, secret: Secret(.key, secret, from: "the tests"), environment: [:]
        ) { transport in
            let budget = RequestBudget(perMinute: 1_000_000, now: clock.clock.uptime())
            let api = AdminAPI(transport: transport, budget: budget, clock: clock.clock, random: { 0.5 })
            return try await SyncPass(
                store: store, api: api, clock: clock.clock, pageSize: pageSize, fullInterval: fullInterval,
                acceptsRemovals: acceptsRemovals, progress: progress
            ).run()
        }
    }

    func change(_ body: @Sendable (inout SimulatedAPI) -> Void) async {
        await server.withAPI(body)
    }

    /// The rows of a query, columns joined by `|`, NULL as `∅`.
    func rows(_ sql: String, _ values: [SQLValue] = []) throws -> [String] {
        try store.access { db in try db.texts(sql, values) }
    }

    /// The events since `seq`, in short.
    func events(after seq: Int = 0) throws -> [String] {
        try rows(
            """
            SELECT kind, field, old_value, new_value, evidence FROM invite_event WHERE seq > ?1 ORDER BY seq
            """, [.integer(seq)])
    }

    var eventCount: Int { get throws { try rows("SELECT count(*) FROM invite_event").first.flatMap { Int($0) } ?? -1 } }

    /// Everything that the mirror holds but for `sync_pass`.
    func contents() throws -> [String] {
        try ["invite", "invite_event", "absence", "field_name", "api_pause"].flatMap { table in
            try rows("SELECT * FROM \(table)").sorted()
        }
    }

    /// Whether the listed rows are what the API lists.
    func matchesListing() async throws -> Bool {
        let listed = await server.withAPI { api in
            Set(api.listing.map { "\($0.id)|\($0.email)|\($0.role)|\($0.status)|\($0.expiresAt)" })
        }
        return Set(try rows("SELECT id, email, role, status, expires_at FROM invite WHERE listed = 1")) == listed
    }

    func verification() throws -> Verification {
        try Verification(MirrorReader(path: store.path))
    }
}

extension Database {
    func texts(_ sql: String, _ values: [SQLValue] = []) throws -> [String] {
        var rows: [String] = []
        try run(sql, values) { row in
            rows.append((0..<row.columnCount).map { row.text($0) ?? "∅" }.joined(separator: "|"))
        }
        return rows
    }
}
