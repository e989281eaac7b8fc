import Crypto
import Foundation
import InviteCore
import Logging

/// Brings signed checkpoints out of the database, to where who can write to it cannot: what is anchored cannot be
/// rewritten any more without somebody seeing it.
///
/// An anchor that fails is logged and changes nothing: the pass is complete. After each pass, also one that failed,
/// the newest checkpoint is delivered to where it was not delivered yet. Older ones are not made up for, since it
/// covers them.
package struct CheckpointAnchor: Sendable {
    private let directory: String?
    private let command: String?
    private let deliveries: Deliveries
    private let logger: Logger
    private let environment: [String: String]

    /// A command that takes longer is ended.
    private static let commandLimit = Duration.seconds(30)

    /// - Parameter database: the database's path; what was delivered is noted in a file beside it.
    package init(_ settings: Settings, database: String, logger: Logger, environment: [String: String]) {
        directory = settings.anchorDirectory
        command = settings.anchorCommand
        deliveries = Deliveries(path: database + ".anchored")
        self.logger = logger
        // The command need not know what the service is trusted with.
        self.environment = environment.filter { !$0.key.hasPrefix("ANTHROPIC_") && $0.key != "CREDENTIALS_DIRECTORY" }
    }

    /// Says that a checkpoint was signed, with all of it: a journal is a place out of the database too.
    package func announce(_ checkpoint: StoredCheckpoint) {
        logger.info("checkpoint signed", metadata: ["pass_id": "\(checkpoint.pass)", "note": "\(checkpoint.note)"])
    }

    /// Delivers a checkpoint to where it was not delivered yet.
    ///
    /// - Parameter checkpoint: the newest one.
    package func deliver(_ checkpoint: StoredCheckpoint) async {
        if let directory {
            await once("directory \(directory)", checkpoint) { try write(checkpoint, to: directory) }
        }
        if let command { await once("command \(command)", checkpoint) { try await run(command, checkpoint) } }
    }

    private func once(
        _ target: String, _ checkpoint: StoredCheckpoint, _ send: () async throws -> Void
    ) async {
        guard !deliveries.contains(checkpoint, target) else { return }
        do {
            try await send()
            try deliveries.note(checkpoint, target)
        } catch {
            logger.error(
                "the checkpoint was not anchored; the next pass tries again",
                metadata: ["pass_id": "\(checkpoint.pass)", "error": "\(error)"])
        }
    }

    /// A file for each pass, in a folder for each month. It never writes over a file.
    private func write(_ checkpoint: StoredCheckpoint, to directory: String) throws {
        let pass = SignedNote(checkpoint.note).flatMap { Checkpoint(text: $0.text) }?.pass
        let folder = "\(directory)/\((pass?.finishedAt ?? pass?.startedAt ?? "").prefix(7))"
        let path = "\(folder)/pass-\(checkpoint.pass).note"
        // It was written, and something ended the program before that was noted.
        guard FileManager.default.contents(atPath: path) != Data(checkpoint.note.utf8) else { return }
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw Failure(.database, "\(folder) cannot be made: \(error.localizedDescription)")
        }
        try NewFile.write(checkpoint.note, to: path)
    }

    private func run(_ command: String, _ checkpoint: StoredCheckpoint) async throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", command]
        process.environment = environment
        let input = Pipe()
        process.standardInput = input
        process.standardOutput = FileHandle.nullDevice
        let (ends, continuation) = AsyncStream<Int32>.makeStream()
        process.terminationHandler = { ended in
            continuation.yield(ended.terminationStatus)
            continuation.finish()
        }
        do {
            try process.run()
        } catch {
            throw Failure(.internalError, "log.anchor-command cannot be run: \(error.localizedDescription)")
        }
        // A note is smaller than a pipe, so this waits for nobody.
        try? input.fileHandleForWriting.write(contentsOf: Data(checkpoint.note.utf8))
        try? input.fileHandleForWriting.close()
        let status = await withTaskGroup(of: Int32?.self) { group in
            group.addTask {
                for await status in ends { return status }
                return nil
            }
            group.addTask {
                try? await MirrorClock.system.sleep(Self.commandLimit)
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
        if status == nil { process.terminate() }
        guard status == 0 else {
            let reason = status.map { "ended with \($0)" } ?? "took longer than \(Self.commandLimit), or was stopped"
            throw Failure(.internalError, "log.anchor-command \(reason)")
        }
    }
}

/// What was delivered of the newest checkpoint: a line for each target. Without the file it is delivered once more,
/// which does no harm.
private struct Deliveries {
    let path: String

    func contains(_ checkpoint: StoredCheckpoint, _ target: String) -> Bool {
        lines.contains(Self.line(checkpoint, target))
    }

    func note(_ checkpoint: StoredCheckpoint, _ target: String) throws {
        let start = Self.start(checkpoint)
        // Those of older checkpoints have done their duty.
        let kept = lines.filter { $0.hasPrefix(start) } + [Self.line(checkpoint, target)]
        try AtomicFile.write(kept.map { $0 + "\n" }.joined(), to: path, mode: 0o600)
    }

    private var lines: [String] {
        let text = FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
        return text.split(separator: "\n").map(String.init)
    }

    private static func start(_ checkpoint: StoredCheckpoint) -> String {
        "pass \(checkpoint.pass) \(hash(checkpoint.note)) "
    }

    /// As hashes: a command may hold what is nobody's business.
    private static func line(_ checkpoint: StoredCheckpoint, _ target: String) -> String {
        start(checkpoint) + hash(target)
    }

    private static func hash(_ text: String) -> String {
        SHA256.hash(data: Data(text.utf8)).hexadecimal
    }
}

/// Files that are made and never written over.
package enum NewFile {
    /// Writes a file that must not be there; it is durable when this returns.
    package static func write(_ text: String, to path: String) throws {
        try write(Array(text.utf8), to: path)
    }

    package static func write(_ bytes: [UInt8], to path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw failure(path) }
        defer { close(descriptor) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno != EINTR { throw failure(path, removing: true) }
            rest = rest.dropFirst(max(0, count))
        }
        guard fsync(descriptor) == 0 else { throw failure(path, removing: true) }
    }

    /// - Parameter removing: what was begun goes, so that it can be tried again.
    private static func failure(_ path: String, removing: Bool = false) -> Failure {
        let reason = errno
        if removing { unlink(path) }
        return Failure(.database, "\(path) cannot be written: \(String(cString: strerror(reason)))")
    }
}
