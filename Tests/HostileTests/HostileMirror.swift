import Foundation
import GRDB
import InviteCore
import InviteMirror
import Synchronization

/// A mirror in a folder of its own, and the server that it asks.
final class HostileMirror: Sendable {
    static let secret = "sk-ant-admin01-of-the-hostile-tests"

    let server: RawServer
    let store: MirrorStore
    private let folder: String
    private let clock = Mutex(Timestamp(rfc3339: "2026-05-04T10:20:30.123456Z")!)
    private static let start = Timestamp(rfc3339: "2026-05-04T10:20:30.123456Z")!

    init() throws {
        // In memory where that can be: what a disk does is tested elsewhere, and every row syncs.
        let parent = FileManager.default.isWritableFile(atPath: "/dev/shm") ? "/dev/shm/" : NSTemporaryDirectory()
        folder = parent + "hostile-tests-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        store = try MirrorStore(path: "\(folder)/mirror.db")
        server = try RawServer()
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// Every look at the clock is a millisecond later, and waits are over at once.
    private var mirrorClock: MirrorClock {
        MirrorClock(
            now: { self.move(by: .milliseconds(1)) }, uptime: { self.clock.withLock { $0 } - Self.start },
            sleep: { duration in
                try Task.checkCancellation()
                self.move(by: duration)
            })
    }

    @discardableResult
    private func move(by duration: Duration) -> Timestamp {
        clock.withLock { instant in
            instant = instant + duration
            return instant
        }
    }

    /// Runs one pass, through the transport that the program uses.
    func pass(_ answers: [Answer], timeout: Int = 60) async throws -> PassResult {
        server.play(answers)
        move(by: .seconds(60))
        let flags = ["api.base-url": server.baseURL, "api.request-timeout-seconds": "\(timeout)"]
        let settings = try Settings(flags: flags, environment: [:], file: nil)
        return try await HTTPTransport.with(
            settings: settings, secret: Secret(.key, Self.secret, from: "the tests"), environment: [:]
        ) { transport in
            let budget = RequestBudget(perMinute: 1_000_000, now: mirrorClock.uptime())
            let api = AdminAPI(transport: transport, budget: budget, clock: mirrorClock, random: { 0.5 })
            return try await SyncPass(
                store: store, api: api, clock: mirrorClock, pageSize: 1000, fullInterval: .zero
            ).run()
        }
    }

    /// The rows of a query, columns joined by `|`, NULL as `∅`.
    func rows(_ sql: String) throws -> [String] {
        try store.access { db in
            var rows: [String] = []
            try db.run(sql) { row in
                rows.append((0..<row.columnCount).map { row.text($0) ?? "∅" }.joined(separator: "|"))
            }
            return rows
        }
    }

    /// Everything that the mirror holds but for `sync_pass` and the pause.
    func contents() throws -> [String] {
        try ["invite", "invite_event", "absence", "field_name", "omission"].flatMap { table in
            try rows("SELECT * FROM \(table)").sorted()
        }
    }

    var promisesHold: Bool { get throws { try Verification(MirrorReader(path: store.path)).passed } }

    /// Whether `text` stands anywhere in the database's files.
    func holds(_ text: String) throws -> Bool {
        ["mirror.db", "mirror.db-wal"].contains { name in
            let data = FileManager.default.contents(atPath: "\(folder)/\(name)") ?? Data()
            return data.range(of: Data(text.utf8)) != nil
        }
    }
}
