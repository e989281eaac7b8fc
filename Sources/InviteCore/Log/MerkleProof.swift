/// Roots and proofs of RFC 6962 over hashes that are read one tile at a time.
package struct MerkleProof {
    private let hasher: MerkleHasher
    /// The hashes of a tile, at least as many as the tree has there.
    private let tile: (_ level: Int, _ position: Int) throws -> [MerkleHash]

    /// - Parameter tile: reads a tile. It must have the hashes that a tree of the sizes asked for has.
    package init(hasher: MerkleHasher, tile: @escaping (_ level: Int, _ position: Int) throws -> [MerkleHash]) {
        self.hasher = hasher
        self.tile = tile
    }

    /// The root of the first `size` leaves.
    package func root(size: Int) throws -> MerkleHash {
        size == 0 ? hasher.empty : try range(0, size)
    }

    /// The audit path of the leaf at `index` in a tree of `size` leaves, from the leaf up: RFC 6962, 2.1.1.
    ///
    /// - Precondition: `0 <= index < size`.
    package func inclusion(of index: Int, size: Int) throws -> [MerkleHash] {
        precondition(index >= 0 && index < size)
        var path: [MerkleHash] = []
        var (low, high) = (0, size)
        while high - low > 1 {
            let middle = low + Self.split(high - low)
            if index < middle {
                path.append(try range(middle, high))
                high = middle
            } else {
                path.append(try range(low, middle))
                low = middle
            }
        }
        return path.reversed()
    }

    /// Whether `path` proves that `leaf` stands at `index` in the tree of `size` leaves with `root`.
    package static func verify(
        _ leaf: MerkleHash, at index: Int, size: Int, path: [MerkleHash], root: MerkleHash, hasher: MerkleHasher
    ) -> Bool {
        guard index >= 0 && index < size else { return false }
        var sides: [Bool] = []
        var (low, high) = (0, size)
        while high - low > 1 {
            let middle = low + split(high - low)
            sides.append(index < middle)
            if index < middle { high = middle } else { low = middle }
        }
        guard sides.count == path.count else { return false }
        let reached = zip(sides.reversed(), path).reduce(leaf) { hash, step in
            step.0 ? hasher.node(hash, step.1) : hasher.node(step.1, hash)
        }
        return reached == root
    }

    /// The largest power of two below `count`, for a count of two or more.
    private static func split(_ count: Int) -> Int {
        1 << (Int.bitWidth - 1 - (count - 1).leadingZeroBitCount)
    }

    /// The root over the leaves from `low` up to `high`; such a range begins where a subtree begins.
    private func range(_ low: Int, _ high: Int) throws -> MerkleHash {
        let count = high - low
        if count & (count - 1) == 0 {
            return try perfect(height: count.trailingZeroBitCount, position: low / count)
        }
        let middle = low + Self.split(count)
        return hasher.node(try range(low, middle), try range(middle, high))
    }

    /// The root of a perfect subtree of 2^height leaves.
    private func perfect(height: Int, position: Int) throws -> MerkleHash {
        let level = height / 8
        let width = 1 << (height % 8)
        let start = position * width
        let hashes = try tile(level, start / Tile.width)
        let offset = start % Tile.width
        return hasher.perfectRoot(hashes[offset..<offset + width])
    }
}
