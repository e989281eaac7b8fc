/// A run of up to 256 hashes of one level of the tree, as C2SP tlog-tiles cuts it.
///
/// A hash of level L is the root of a perfect subtree of 256^L leaves. A tile of 256 never changes any more.
package struct Tile: Sendable, Equatable {
    package let level: Int
    /// Its place in its level, from 0.
    package let position: Int
    package let hashes: [MerkleHash]

    package static let width = 256

    package init(level: Int, position: Int, hashes: [MerkleHash]) {
        self.level = level
        self.position = position
        self.hashes = hashes
    }
}

/// The right edge of an RFC 6962 tree: all that appending needs, however large the tree is.
package struct TileTree: Sendable {
    package private(set) var size: Int
    /// The hashes of each level that fill no tile yet.
    private var edge: [[MerkleHash]]
    private let hasher: MerkleHasher

    /// The tree without leaves.
    package init(hasher: MerkleHasher) {
        self.hasher = hasher
        size = 0
        edge = []
    }

    /// The levels that a tree of `size` leaves has, and the hashes in the unfinished tile of each.
    package static func edgeCounts(size: Int) -> [Int] {
        var counts: [Int] = []
        var rest = size
        while rest > 0 {
            counts.append(rest % Tile.width)
            rest /= Tile.width
        }
        return counts
    }

    /// A tree as it was stored: its size, and the unfinished tile of each level; nil if they do not fit.
    package init?(size: Int, edge: [[MerkleHash]], hasher: MerkleHasher) {
        guard edge.map(\.count) == Self.edgeCounts(size: size) else { return nil }
        self.size = size
        self.edge = edge
        self.hasher = hasher
    }

    /// Appends a leaf; `full` gets each tile that is complete by it.
    package mutating func append(_ leaf: MerkleHash, full: (Tile) throws -> Void) rethrows {
        var hash = leaf
        var level = 0
        size += 1
        var through = size
        while true {
            if edge.count == level {
                edge.append([])
                edge[level].reserveCapacity(Tile.width)
            }
            edge[level].append(hash)
            guard edge[level].count == Tile.width else { return }
            try full(Tile(level: level, position: through / Tile.width - 1, hashes: edge[level]))
            hash = hasher.perfectRoot(edge[level][...])
            edge[level].removeAll(keepingCapacity: true)
            through /= Tile.width
            level += 1
        }
    }

    /// The unfinished tiles.
    package var partialTiles: [Tile] {
        var rest = size
        return edge.enumerated().compactMap { level, hashes in
            defer { rest /= Tile.width }
            return hashes.isEmpty ? nil : Tile(level: level, position: rest / Tile.width, hashes: hashes)
        }
    }

    /// The root, RFC 6962's MTH.
    package var root: MerkleHash {
        var subtrees: [MerkleHash] = []
        for hashes in edge.reversed() {
            var start = 0
            while start < hashes.count {
                let rest = hashes.count - start
                let width = 1 << (Int.bitWidth - 1 - rest.leadingZeroBitCount)
                subtrees.append(hasher.perfectRoot(hashes[start..<start + width]))
                start += width
            }
        }
        guard let last = subtrees.popLast() else { return hasher.empty }
        return subtrees.reversed().reduce(last) { hasher.node($1, $0) }
    }
}
