import Foundation
import Testing

/// The files of the package, as they stand in the work tree.
enum Repository {
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    static func text(_ path: String) throws -> String {
        try String(contentsOfFile: "\(root)/\(path)", encoding: .utf8)
    }

    /// The files below a folder whose name ends so.
    static func files(below folder: String, ending suffix: String = "") throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: "\(root)/\(folder)").map { "\(folder)/\($0)" }
            .filter { path in
                var isFolder: ObjCBool = false
                let exists = FileManager.default.fileExists(atPath: "\(root)/\(path)", isDirectory: &isFolder)
                return path.hasSuffix(suffix) && exists && !isFolder.boolValue
            }.sorted()
    }

    /// The fenced blocks of a Markdown text whose first word is the language.
    static func blocks(of language: String, in markdown: String) -> [String] {
        var blocks: [String] = []
        var block: (language: String, lines: [Substring])?
        for line in markdown.split(separator: "\n", omittingEmptySubsequences: false) {
            if let open = block {
                if line == "```" {
                    if open.language == language { blocks.append(open.lines.joined(separator: "\n")) }
                    block = nil
                } else {
                    block?.lines.append(line)
                }
            } else if line.hasPrefix("```") {
                block = (String(line.dropFirst(3).prefix { $0 != " " }), [])
            }
        }
        return blocks
    }
}

/// A program that ran.
struct Finished: Sendable {
    let status: Int32
    let output: String

    /// The folder that the tests' own program stands in, and with it the one they test.
    static let programs = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent().path

    /// Runs a line of shell in a folder, with the program on the path, and waits without holding a thread.
    static func shell(_ line: String, in folder: String, environment: [String: String] = [:]) async throws -> Finished {
        let path = "\(folder)/output-\(UUID().uuidString)"
        try Data().write(to: URL(fileURLWithPath: path))
        let output = try #require(FileHandle(forWritingAtPath: path))
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", line]
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        process.environment = ["PATH": "\(programs):/usr/local/bin:/usr/bin:/bin", "HOME": folder]
            .merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        let (ends, continuation) = AsyncStream.makeStream(of: Void.self)
        process.terminationHandler = { _ in continuation.finish() }
        try process.run()
        for await _ in ends {}
        if process.isRunning { process.terminate() }
        process.waitUntilExit()
        return Finished(
            status: process.terminationStatus, output: try String(contentsOfFile: path, encoding: .utf8))
    }
}

/// A folder for the time of a test.
func withFolder<Value>(_ body: (String) async throws -> Value) async throws -> Value {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("tidy-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try await body(folder)
}
