import Foundation
import InviteCore
import InviteMirror
import UnixSignals

/// `events --follow`: prints each event as it is committed, in the order of `seq`, none twice and none left out.
struct EventFollower {
    let path: String

    /// Events that are read at once: no transaction is open while they are printed, however slow the reader is.
    private static let batch = 1000
    private static let pause = Duration.milliseconds(500)

    /// Runs until SIGTERM or SIGINT, or until nobody reads any more.
    ///
    /// - Parameter query: the events after a `seq`, so many at the most.
    func run(after: Int, query: @escaping @Sendable (_ after: Int, _ limit: Int) -> MirrorQuery) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await follow(after: after, query) }
            group.addTask {
                for await _ in await UnixSignalsSequence(trapping: .sigint, .sigterm) { break }
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func follow(after start: Int, _ query: (Int, Int) -> MirrorQuery) async throws {
        var last = start
        var file = fileNumber
        var reader = try MirrorReader(path: path)
        while !Task.isCancelled {
            if fileNumber != file {
                // The file was exchanged for another: what is open is not what stands there.
                file = fileNumber
                reader = try MirrorReader(path: path)
            }
            let (lines, newest) = try read(reader, query(last, Self.batch), after: last)
            for line in lines {
                if Task.isCancelled { return }
                Output.print(line.json)
                last = line.seq
            }
            guard lines.count < Self.batch else { continue }
            // What the filters left out is done with too.
            last = max(last, newest)
            do { try await Task.sleep(for: Self.pause) } catch { return }
        }
    }

    private func read(
        _ reader: MirrorReader, _ query: MirrorQuery, after last: Int
    ) throws -> (lines: [(seq: Int, json: String)], newest: Int) {
        try reader.read { db in
            let newest = try db.integer("SELECT ifnull(max(seq), 0) FROM invite_event")
            guard newest >= last else {
                throw Failure(
                    .database,
                    """
                    the log of \(path) ends with event \(newest), before \(last): it was set back to an older state, \
                    or it is another one. Nothing was printed of it; see `invite-mirror verify`
                    """)
            }
            var lines: [(Int, String)] = []
            try db.run(query.sql, query.values) { lines.append(($0.integer(0), $0.json)) }
            return (lines, newest)
        }
    }

    private var fileNumber: UInt64 {
        var status = stat()
        return stat(path, &status) == 0 ? UInt64(status.st_ino) : 0
    }
}
