import GRDB
import InviteCore

/// One walk over all events in the order of `seq`: makes the tree anew and holds it against the stored one.
struct LogWalk {
    private(set) var count = 0
    private(set) var firstSeq: Int?
    private(set) var lastSeq = 0
    /// Events with `observed_at` in the period asked for: how many, the first and the last.
    private(set) var inRange = 0
    private(set) var observed: (first: String, last: String)?
    /// The first event that is not there, and how many are not.
    private(set) var firstMissing: Int?
    private(set) var missing = 0
    /// Events whose hash is not that of the stored tree, the first thousand of them.
    private(set) var different: [Int] = []
    /// The first stored tile above the leaves that is not that of the tree.
    private(set) var wrongTile: (level: Int, position: Int)?
    /// How many leaves the stored tree has.
    let storedSize: Int
    /// The roots that were asked for, by size.
    private(set) var roots: [Int: MerkleHash] = [:]

    private let db: Database
    private var tree = TileTree(hasher: .crypto)
    private static let most = 1000

    /// - Parameter sizes: sizes of the tree at which its root is wanted.
    init(_ db: Database, sizes: Set<Int>, from: Timestamp?, to: Timestamp?) throws {
        self.db = db
        storedSize = try LogTree.size(db)
        if sizes.contains(0) { roots[0] = tree.root }
        let (from, to) = (from?.description ?? "", to?.description ?? "~")
        try db.run("SELECT \(LogLeaf.columns) FROM invite_event ORDER BY seq") { row in
            let seq = row.integer(0)
            try skip(to: seq)
            count += 1
            firstSeq = firstSeq ?? seq
            lastSeq = seq
            try append(LogLeaf(row).hash, sizes)
            guard let instant = row.text(9), instant >= from, instant < to else { return }
            inRange += 1
            observed = (first: min(observed?.first ?? instant, instant), last: max(observed?.last ?? instant, instant))
        }
        try skip(to: storedSize + 1)
        for tile in tree.partialTiles { try compare(tile) }
    }

    /// The events before `seq` that are not there: the stored tree stands in for them, so that the others keep their
    /// places.
    private mutating func skip(to seq: Int) throws {
        let expected = lastSeq + 1
        guard seq > expected else { return }
        firstMissing = firstMissing ?? expected
        missing += seq - expected
        for absent in expected..<max(expected, min(seq, storedSize + 1)) {
            let tile = try TileTable.hashes(db, level: 0, position: (absent - 1) / Tile.width)
            let place = (absent - 1) % Tile.width
            if place < tile.count { try append(tile[place], []) }
        }
        lastSeq = seq - 1
    }

    private mutating func append(_ leaf: MerkleHash, _ sizes: Set<Int>) throws {
        var full: [Tile] = []
        tree.append(leaf) { full.append($0) }
        for tile in full { try compare(tile) }
        if sizes.contains(tree.size) { roots[tree.size] = tree.root }
    }

    private mutating func compare(_ tile: Tile) throws {
        let stored = try TileTable.hashes(db, level: tile.level, position: tile.position)
        guard !stored.starts(with: tile.hashes) else { return }
        guard tile.level == 0 else {
            wrongTile = wrongTile ?? (tile.level, tile.position)
            return
        }
        for (place, hash) in tile.hashes.enumerated() where different.count < Self.most {
            let seq = tile.position * Tile.width + place + 1
            // What lies beyond the stored tree is told by its size.
            if seq <= storedSize, place >= stored.count || stored[place] != hash { different.append(seq) }
        }
    }

    /// The place at which what was recorded as event `seq` stands now, if it stands anywhere.
    static func place(of seq: Int, in db: Database) throws -> Int? {
        let tile = try TileTable.hashes(db, level: 0, position: (seq - 1) / Tile.width)
        guard (seq - 1) % Tile.width < tile.count else { return nil }
        let recorded = tile[(seq - 1) % Tile.width]
        var place: Int?
        try db.run("SELECT \(LogLeaf.columns) FROM invite_event ORDER BY seq") { row in
            if place == nil && LogLeaf(row, replacingSeq: seq).hash == recorded { place = row.integer(0) }
        }
        return place
    }
}
