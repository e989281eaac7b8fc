import Foundation
import GRDB
import InviteCore

/// The log for those who do not use this program: C2SP tlog-tiles and tlog-proof.
package struct LogExport {
    private let reader: MirrorReader

    package init(_ reader: MirrorReader) {
        self.reader = reader
    }

    /// The keys that ever signed, the newest last.
    package func keys() throws -> [String] {
        try reader.read { db in try LogKeys.all(db) }
    }

    // MARK: One event

    /// A tlog-proof of one event. It is checked before it is given away.
    ///
    /// - Throws: a ``Failure`` if there is no such event, no checkpoint that covers it, or it does not hold.
    package func proof(of seq: Int) throws -> String {
        try reader.read { db in
            let (stored, checkpoint) = try Self.newest(db)
            guard (1...max(1, checkpoint.size)).contains(seq), let entry = try Self.entry(db, seq: seq) else {
                throw Failure(.database, "there is no event \(seq): the log has 1 to \(checkpoint.size)")
            }
            let hasher = MerkleHasher.crypto
            let path = try Self.tree(db, size: checkpoint.size).inclusion(of: seq - 1, size: checkpoint.size)
            guard
                MerkleProof.verify(
                    hasher.leaf(entry), at: seq - 1, size: checkpoint.size, path: path, root: checkpoint.root,
                    hasher: hasher)
            else { throw Self.broken }
            let hashes = path.map { $0.base64 + "\n" }.joined()
            return """
                c2sp.org/tlog-proof@v1
                extra \(Data(entry).base64EncodedString())
                index \(seq - 1)
                \(hashes)
                \(stored.note)
                """
        }
    }

    private static let broken = Failure(
        .database, "the log does not fit its newest checkpoint; nothing was written. See `invite-mirror verify`")

    private static func newest(_ db: Database) throws -> (StoredCheckpoint, Checkpoint) {
        guard let stored = try StoredCheckpoint.newest(db) else {
            throw Failure(.database, "nothing is signed yet: the next complete pass signs the first checkpoint")
        }
        guard let checkpoint = SignedNote(stored.note).flatMap({ Checkpoint(text: $0.text) }) else { throw broken }
        return (stored, checkpoint)
    }

    private static func entry(_ db: Database, seq: Int) throws -> [UInt8]? {
        try db.first("SELECT \(LogLeaf.columns) FROM invite_event WHERE seq = ?1", [.integer(seq)]) {
            LogLeaf($0).bytes
        }
    }

    /// The stored tree, as long as it is that of `size` leaves.
    private static func tree(_ db: Database, size: Int) -> MerkleProof {
        MerkleProof(hasher: .crypto) { level, position in
            let hashes = try TileTable.hashes(db, level: level, position: position)
            guard hashes.count >= min(Tile.width, (size >> (8 * level)) - position * Tile.width) else { throw broken }
            return hashes
        }
    }

    // MARK: All of it

    /// Writes tiles, entries and, last, the checkpoint.
    ///
    /// - Returns: how many events there are in it.
    /// - Throws: a ``Failure`` if the folder holds another log, or the log does not fit its checkpoint.
    package func export(to directory: String) throws -> Int {
        try reader.read { db in
            let (stored, checkpoint) = try Self.newest(db)
            let tree = Self.tree(db, size: checkpoint.size)
            guard try tree.root(size: checkpoint.size) == checkpoint.root else { throw Self.broken }
            let folder = ExportFolder(directory)
            if let earlier = folder.checkpoint {
                guard earlier.size <= checkpoint.size, try tree.root(size: earlier.size) == earlier.root else {
                    throw folder.otherLog
                }
            }
            var size = checkpoint.size
            var level = 0
            while size > 0 {
                for position in 0..<(size + Tile.width - 1) / Tile.width {
                    let width = min(Tile.width, size - position * Tile.width)
                    let hashes = try TileTable.hashes(db, level: level, position: position).prefix(width)
                    try folder.write(hashes.flatMap(\.bytes), "tile/\(level)/\(Self.path(position, width: width))")
                }
                size /= Tile.width
                level += 1
            }
            try exportEntries(db, size: checkpoint.size, to: folder)
            try folder.replace(stored.note, "checkpoint")
            return checkpoint.size
        }
    }

    /// Bundles of 256 entries, each with its length in two bytes before it.
    private func exportEntries(_ db: Database, size: Int, to folder: ExportFolder) throws {
        var bundle: [UInt8] = []
        var count = 0
        func flush() throws {
            guard count % Tile.width != 0 || !bundle.isEmpty else { return }
            let position = (count - 1) / Tile.width
            try folder.write(
                bundle, "tile/entries/\(Self.path(position, width: count - position * Tile.width))")
            bundle.removeAll(keepingCapacity: true)
        }
        try db.run(
            "SELECT \(LogLeaf.columns) FROM invite_event WHERE seq <= ?1 ORDER BY seq", [.integer(size)]
        ) { row in
            let entry = LogLeaf(row).bytes
            bundle += [UInt8(entry.count >> 8), UInt8(entry.count & 255)] + entry
            count += 1
            if count % Tile.width == 0 { try flush() }
        }
        if !bundle.isEmpty { try flush() }
    }

    /// `x001/x234/067`, and `.p/` and the width if the tile is not full.
    package static func path(_ position: Int, width: Int) -> String {
        var rest = position / 1000
        var path = String(format: "%03d", position % 1000)
        while rest > 0 {
            path = String(format: "x%03d/", rest % 1000) + path
            rest /= 1000
        }
        return width == Tile.width ? path : "\(path).p/\(width)"
    }
}

/// The folder of an export. What a name stands for never changes, but for the checkpoint.
private struct ExportFolder {
    private let directory: String

    init(_ directory: String) {
        self.directory = directory
    }

    /// What was exported here before.
    var checkpoint: Checkpoint? {
        FileManager.default.contents(atPath: "\(directory)/checkpoint")
            .flatMap { SignedNote(String(decoding: $0, as: UTF8.self)) }.flatMap { Checkpoint(text: $0.text) }
    }

    var otherLog: Failure {
        Failure(
            .database,
            """
            \(directory) says something else than this log: it holds another one, or a newer state, or this log was \
            rewritten. Nothing was written over; name a new folder and compare the two
            """)
    }

    func write(_ bytes: [UInt8], _ name: String) throws {
        let path = try prepare(name)
        if let present = FileManager.default.contents(atPath: path) {
            guard present.elementsEqual(bytes) else { throw otherLog }
            return
        }
        try ReplacedFile.write(bytes, to: path)
    }

    func replace(_ text: String, _ name: String) throws {
        try ReplacedFile.write(Array(text.utf8), to: try prepare(name))
    }

    private func prepare(_ name: String) throws -> String {
        let path = "\(directory)/\(name)"
        do {
            try FileManager.default.createDirectory(
                atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        } catch {
            throw Failure(.database, "\(directory) cannot be written: \(error.localizedDescription)")
        }
        return path
    }
}
