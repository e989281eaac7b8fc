import AdminAPISimulator
import Foundation
import InviteCore
import Synchronization
import Testing

let testSecret = "sk-ant-admin01-never-to-be-seen"

/// A folder that is gone after the test.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "invite-mirror-commands-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { "\(path)/\(name)" }

    func write(_ text: String, to name: String) throws -> String {
        try Data(text.utf8).write(to: URL(fileURLWithPath: file(name)))
        return file(name)
    }

    /// The bytes of every file in it.
    func bytes() throws -> Data {
        try FileManager.default.contentsOfDirectory(atPath: path).reduce(into: Data()) { bytes, name in
            bytes += FileManager.default.contents(atPath: file(name)) ?? Data()
        }
    }
}

/// How a process ended.
struct Outcome: Sendable {
    let status: Int32
    let isSignal: Bool
    let output: String
    let errors: String
}

/// A process of the built program.
final class Program: Sendable {
    private let process = Process()
    private let pipes = (output: Pipe(), errors: Pipe())
    private let ended: AsyncStream<Void>
    /// What was read so far.
    private let read = Mutex((output: Data(), errors: Data()))

    /// Beside the test bundle, where SwiftPM puts what this target depends on.
    static let path: String = {
        let bundle = Bundle.allBundles.map(\.bundlePath).first { $0.hasSuffix(".xctest") }
        let folder = (bundle ?? CommandLine.arguments[0]) as NSString
        return folder.deletingLastPathComponent + "/invite-mirror"
    }()

    init(_ arguments: [String], environment: [String: String] = [:], path: String = Program.path) throws {
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.environment = ["PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "TZ": "UTC"].merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = pipes.output
        process.standardError = pipes.errors
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        ended = stream
        process.terminationHandler = { _ in continuation.finish() }
        try process.run()
    }

    var identifier: Int32 { process.processIdentifier }

    func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

    /// Reads standard output, or standard error, until it has a line with `text`: that line.
    func line(with text: String, inErrors: Bool = false) async throws -> String {
        let handle = (inErrors ? pipes.errors : pipes.output).fileHandleForReading
        return try await Task.blocking {
            while true {
                let read = self.read.withLock { inErrors ? $0.errors : $0.output }
                let lines = String(decoding: read, as: UTF8.self).split(separator: "\n")
                if let line = lines.first(where: { $0.contains(text) }) { return String(line) }
                let part = handle.availableData
                if part.isEmpty { throw Missing(text: text, output: String(decoding: read, as: UTF8.self)) }
                self.read.withLock { if inErrors { $0.errors += part } else { $0.output += part } }
            }
        }
    }

    struct Missing: Error { let text: String, output: String }

    func outcome() async throws -> Outcome {
        let (output, errors) = (pipes.output.fileHandleForReading, pipes.errors.fileHandleForReading)
        let before = read.withLock { $0 }
        async let printed = Task.blocking { before.output + output.readDataToEndOfFile() }
        async let complained = Task.blocking { before.errors + errors.readDataToEndOfFile() }
        let texts = try await (String(decoding: printed, as: UTF8.self), String(decoding: complained, as: UTF8.self))
        for await _ in ended {}
        process.waitUntilExit()
        return Outcome(
            status: process.terminationStatus, isSignal: process.terminationReason == .uncaughtSignal,
            output: texts.0, errors: texts.1)
    }

    static func run(_ arguments: String..., environment: [String: String] = [:]) async throws -> Outcome {
        try await Program(arguments, environment: environment).outcome()
    }
}

extension Task where Success == Never, Failure == Never {
    /// Runs what blocks on a thread of its own, so that no other test waits for it.
    static func blocking<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            Thread { continuation.resume(with: Result(catching: body)) }.start()
        }
    }
}

/// What `sqlite3`, a program that knows nothing of this one, reads in a database.
func sqlite(_ path: String, _ sql: String) async throws -> [String] {
    let outcome = try await Program(["-readonly", "-noheader", path, sql], path: "/usr/bin/sqlite3").outcome()
    #expect(outcome.status == 0, "\(outcome.errors)")
    return outcome.output.split(separator: "\n").map(String.init)
}

/// The environment and flags of a mirror in `folder` of the API at `baseURL`.
struct MirrorCommand {
    let folder: TemporaryFolder
    let baseURL: String
    var secret: String? = testSecret
    var database: String { folder.file("mirror.db") }

    var environment: [String: String] {
        var environment = ["INVITE_MIRROR_API_REQUESTS_PER_MINUTE": "1000000", "ANTHROPIC_BASE_URL": baseURL]
        environment["INVITE_MIRROR_DATABASE_PATH"] = database
        if let secret { environment["ANTHROPIC_ADMIN_KEY"] = secret }
        return environment
    }

    func start(_ arguments: String...) throws -> Program { try Program(arguments, environment: environment) }

    func run(_ arguments: String...) async throws -> Outcome {
        try await Program(arguments, environment: environment).outcome()
    }

    /// Everything but dates and request ids.
    func dump() async throws -> [String] {
        try await sqlite(
            database,
            """
            SELECT id, email, role, status, invited_at, expires_at, listed, document FROM invite ORDER BY id;
            SELECT seq, invite_id, kind, field, old_value, new_value, evidence, document FROM invite_event ORDER BY seq;
            SELECT name FROM field_name ORDER BY 1;
            """)
    }
}

extension SimulatedAPI {
    /// An API over an organisation in which nothing happens by itself.
    static func still(invites: Int) -> SimulatedAPI {
        let now = Timestamp(typed: "2026-05-04")!
        let organization = SimulatedOrganization(seed: 42, invites: invites, now: now, livesOn: false)
        return SimulatedAPI(organization: organization, secret: testSecret)
    }
}

/// Tells that the API has met a request.
struct Meeting: Sendable {
    private let stream = AsyncStream.makeStream(of: Void.self)

    /// A fault that only tells of its request, which is answered as ever.
    var fault: Fault {
        let continuation = stream.continuation
        return .mutation { _ in continuation.finish() }
    }

    /// Waits until the request was met.
    func wait() async { for await _ in stream.stream {} }
}
