import Foundation
import InviteCore
import Logging

/// Brings signed checkpoints out of the database, to where who can write to it cannot: what is anchored cannot be
/// rewritten any more without somebody seeing it.
///
/// An anchor that fails is logged and changes nothing: the pass is complete, and a later checkpoint covers it too.
package struct CheckpointAnchor: Sendable {
    private let directory: String?
    private let command: String?
    private let logger: Logger
    private let environment: [String: String]

    /// A command that takes longer is ended.
    private static let commandLimit = Duration.seconds(30)

    package init(_ settings: Settings, logger: Logger, environment: [String: String]) {
        directory = settings.anchorDirectory
        command = settings.anchorCommand
        self.logger = logger
        // The command need not know what the service is trusted with.
        self.environment = environment.filter { !$0.key.hasPrefix("ANTHROPIC_") && $0.key != "CREDENTIALS_DIRECTORY" }
    }

    package func anchor(_ checkpoint: StoredCheckpoint, finishedAt: Timestamp) async {
        logger.info("checkpoint signed", metadata: ["pass_id": "\(checkpoint.pass)", "note": "\(checkpoint.note)"])
        if let directory { write(checkpoint, to: directory, month: finishedAt.description.prefix(7)) }
        if let command { await run(command, checkpoint) }
    }

    /// A file for each pass, in a folder for each month. It never writes over a file.
    private func write(_ checkpoint: StoredCheckpoint, to directory: String, month: Substring) {
        let folder = "\(directory)/\(month)"
        let path = "\(folder)/pass-\(checkpoint.pass).note"
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try NewFile.write(checkpoint.note, to: path)
        } catch {
            complain(checkpoint, "\(path): \(error)")
        }
    }

    private func run(_ command: String, _ checkpoint: StoredCheckpoint) async {
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
            return complain(checkpoint, "log.anchor-command cannot be run: \(error.localizedDescription)")
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
                try? await Task.sleep(for: Self.commandLimit)
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
        if status == nil { process.terminate() }
        if status != 0 {
            complain(checkpoint, "log.anchor-command \(status.map { "ended with \($0)" } ?? "took too long")")
        }
    }

    private func complain(_ checkpoint: StoredCheckpoint, _ reason: String) {
        logger.error(
            "the checkpoint was not anchored; it is kept in the database",
            metadata: ["pass_id": "\(checkpoint.pass)", "error": "\(reason)"])
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
            if count < 0 && errno != EINTR { throw failure(path) }
            rest = rest.dropFirst(max(0, count))
        }
        guard fsync(descriptor) == 0 else { throw failure(path) }
    }

    private static func failure(_ path: String) -> Failure {
        Failure(.database, "\(path) cannot be written: \(String(cString: strerror(errno)))")
    }
}
