import Foundation
import InviteMirror
import Testing

extension HostileTests {
    @Suite("An answer of 100 MB")
    struct Streams {
        private static let size = 100 * 1024 * 1024

        @Test(
            "is broken off, and takes no memory",
            arguments: [
                "content-length: \(size)", "transfer-encoding: chunked", "x-no-length: at all",
                "content-encoding: gzip",
            ])
        func stream(header: String) async throws {
            let mirror = try HostileMirror()
            var answer = Answer(parts: [.bytes(Answer.head("200 OK", Answer.headers + [header]))])
            if header.contains("chunked") { answer.parts.append(.bytes(Answer.lines("6400000\n"))) }
            answer.parts.append(.filler(Self.size))
            try Self.forgetPeak()
            let before = try Self.memory("VmRSS")
            let result = try await mirror.pass([answer])
            #expect(result.failure?.exitStatus == .data && result.record.counts.requests == 1)
            #expect(result.failure?.description.contains("larger than 16 MiB") == true)
            #expect(try mirror.rows("SELECT count(*) FROM sync_pass") == ["1"] && mirror.contents().isEmpty)
            // What was taken in is 16 MiB at the most, and once more while its buffer grows.
            #expect(try Self.memory("VmHWM") - before < 80 * 1024)
            #expect(mirror.server.bytesSent < Self.size)
            HostileFigures.answers.withLock { $0 += 1 }
        }

        private static func forgetPeak() throws {
            try Data("5".utf8).write(to: URL(fileURLWithPath: "/proc/self/clear_refs"))
        }

        /// In KiB.
        private static func memory(_ name: String) throws -> Int {
            let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
            let line = status.split(separator: "\n").first { $0.hasPrefix(name) }
            return try #require(line?.split(separator: " ").dropFirst().first.flatMap { Int($0) })
        }
    }
}
