import AdminAPISimulator
import ArgumentParser
import Foundation
import InviteCore
import InviteMirror
import Synchronization

struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "The main job from nothing: a simulated organisation, several passes, what was recorded.",
        discussion: "Needs no credentials and asks nothing but a server of its own on a loopback port.")

    @Option(help: "What the organisation is drawn from.")
    var seed: UInt64 = 7

    @Option(help: "The folder to keep the database in; a new one where the system keeps temporary files otherwise.")
    var folder: String?

    private static let secret = "sk-ant-admin01-simulated"
    /// Days from the first pass to each of the others: weeks of the organisation's life, in a few seconds.
    private static let days = [0, 0, 1, 3, 7, 12, 18, 25]

    func run() async throws {
        let folder = try makeFolder()
        let path = "\(folder)/mirror.db"
        let start = Timestamp(typed: String(MirrorClock.system.now().description.prefix(10)))!
        let organization = SimulatedOrganization(seed: seed, invites: 60, now: start)
        var modes = Modes()
        // As newer documentation has it: deleted invites are not listed any more, and Get Invite answers 404.
        modes.listsDeleted = false
        modes.getDeleted = .notFound
        Output.print("A simulated organisation that has sent 60 invites, and a mirror of it, over four weeks:\n")
        let store = try MirrorStore(path: path)
        let settings = try await withServer(
            SimulatedAPI(organization: organization, secret: Self.secret, modes: modes)
        ) { server in
            let settings = try Self.settings(baseURL: server.baseURL, path: path)
            try await runPasses(on: server, settings: settings, store: store, start: start)
            return settings
        }
        try show(path)
        let report = "\(folder)/report.html"
        try writeReport(settings, start: start, to: report)
        showNext(folder: folder, path: path, report: report)
    }

    private func makeFolder() throws -> String {
        if let folder {
            do {
                try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            } catch {
                throw Failure(.database, "the folder \(folder) cannot be made: \(error.localizedDescription)")
            }
            guard !FileManager.default.fileExists(atPath: "\(folder)/mirror.db") else {
                throw Failure(
                    .usage, "\(folder)/mirror.db exists already; the demo starts from nothing: name another folder")
            }
            return folder
        }
        var template = Array("\(FileManager.default.temporaryDirectory.path)/invite-mirror-demo-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw Failure(.database, "no folder can be made for the demo: \(String(cString: strerror(errno)))")
        }
        return String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// The schedule of the demo's passes, a week at the most between two, so that the report sees no gap.
    private static func settings(baseURL: String, path: String) throws -> Settings {
        let week = "\(7 * 86400)"
        return try Settings(
            flags: [
                "api.base-url": baseURL, "api.requests-per-minute": "1000000", "database.path": path,
                "sync.interval-seconds": week, "sync.full-interval-seconds": week,
            ], environment: [:], file: nil)
    }

    private func runPasses(
        on server: RunningServer, settings: Settings, store: MirrorStore, start: Timestamp
    ) async throws {
        var table = TextTable(["day", "pass", "listed", "appeared", "changed", "vanished", "requests"])
        var runner = PassRunner(
            store: store, settings: settings, secret: try Secret(.key, Self.secret, from: "the demo"))
        runner.anchors = false
        for (index, day) in Self.days.enumerated() {
            // Passes lie ten seconds apart at the least, also on the same day.
            let instant = start + .seconds(day * 86400 + index * 10)
            await server.withAPI { $0.organization.wind(to: instant) }
            var runner = runner
            runner.clock = Self.clock(from: instant)
            let result = try await runner.run { _ in }
            if let failure = result.failure { throw failure }
            let counts = result.record.counts
            table.add(
                ["\(day)", "\(result.record.id)"]
                    + [counts.listed, counts.appeared, counts.changed, counts.vanished, counts.requests].map(\.grouped))
        }
        table.lines.forEach(Output.print)
    }

    /// A clock that shows simulated time: a millisecond more each time that somebody looks.
    private static func clock(from instant: Timestamp) -> MirrorClock {
        let looks = Counter()
        return MirrorClock(
            now: { instant + .milliseconds(looks.next()) }, uptime: MirrorClock.system.uptime,
            sleep: MirrorClock.system.sleep)
    }

    private final class Counter: Sendable {
        private let count = Mutex(0)
        func next() -> Int {
            count.withLock { count in
                count += 1
                return count
            }
        }
    }

    /// What was recorded, by queries that can be typed again.
    private static let queries = [
        (
            "What became of the pending ones?",
            """
            SELECT from_status || ' → ' || to_status AS change, evidence, count(*) AS invites
            FROM status_change WHERE from_status IS NOT NULL GROUP BY 1, 2 ORDER BY 3 DESC
            """
        ),
        (
            "The five newest changes, and between which two instants each happened:",
            """
            SELECT email, to_status, substr(not_before, 1, 16) AS after, substr(observed_at, 1, 16) AS seen
            FROM status_change WHERE from_status IS NOT NULL ORDER BY seq DESC LIMIT 5
            """
        ),
        (
            "Who was invited and has not answered, longest first?",
            """
            SELECT email, role, substr(invited_at, 1, 10) AS invited, substr(expires_at, 1, 10) AS expires
            FROM pending_invite ORDER BY invited_at LIMIT 5
            """
        ),
    ]

    private func show(_ path: String) throws {
        let reader = try MirrorReader(path: path)
        for (question, sql) in Self.queries {
            Output.print(
                "\n\(question)\n" + sql.split(separator: "\n").map { "    \($0)" }.joined(separator: "\n") + "\n")
            try reader.read { db in
                var table: TextTable?
                try db.run(sql) { row in
                    let columns = 0..<row.columnCount
                    if table == nil { table = TextTable(columns.map(row.name)) }
                    table?.add(columns.map { row.text($0) ?? "" })
                }
                (table?.lines ?? ["(nothing)"]).forEach(Output.print)
            }
        }
        let verification = try Verification(reader)
        guard verification.passed else { throw Failure(.internalError, "the demo's own database does not verify") }
        Output.print("\nverified: \(verification.checks.map(\.name).joined(separator: ", "))")
    }

    private func writeReport(_ settings: Settings, start: Timestamp, to path: String) throws {
        let request = AuditReport.Request(
            from: start, to: start + .seconds(26 * 86400), settings: settings, verifies: true)
        var html = ""
        let report = try ReportWriter.write(
            request, as: .html, reader: MirrorReader(path: settings.databasePath)
        ) { html += $0 }
        do {
            try html.write(toFile: path, atomically: true, encoding: .utf8)
        } catch {
            throw Failure(.database, "\(path) cannot be written: \(error.localizedDescription)")
        }
        Output.print("\nThe audit report of these weeks, \(report.isComplete ? "COMPLETE" : "INCOMPLETE"): \(path)")
    }

    private func showNext(folder: String, path: String, report: String) {
        // As it was called: after `swift run` the program is not on the path.
        let program = CommandLine.arguments[0]
        Output.print(
            """

            The database is kept in \(folder). What to type next:
                xdg-open \(report)
                sqlite3 \(path) .schema
                \(program) events --database-path \(path) --kind status_changed
                \(program) verify --database-path \(path)
                export ANTHROPIC_ADMIN_KEY=…; \(program) sync        # your own organisation
            """)
    }
}
