import Foundation
import Testing

@testable import InviteCore

/// SHA-256 by the book (FIPS 180-4), for the core's tests alone: the core has none.
private enum PlainSHA256 {
    static func hash(_ message: UnsafeRawBufferPointer) -> MerkleHash {
        var bytes = Array(message) + [0x80]
        while bytes.count % 64 != 56 { bytes.append(0) }
        bytes += (0..<8).reversed().map { UInt8(truncatingIfNeeded: UInt64(message.count * 8) >> (UInt64($0) * 8)) }
        var state = initial
        for block in stride(from: 0, to: bytes.count, by: 64) { compress(&state, bytes[block..<block + 64]) }
        return MerkleHash(state.flatMap { word in [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: word >> $0) } })!
    }

    private static let primes: [Int] = (2...400).filter { number in
        !(2..<number).contains { number % $0 == 0 }
    }
    private static func fraction(_ value: Double) -> UInt32 {
        UInt32((value - value.rounded(.down)) * 4_294_967_296)
    }
    private static let initial = primes.prefix(8).map { fraction(Double($0).squareRoot()) }
    private static let constants = primes.prefix(64).map { fraction(cbrt(Double($0))) }

    private static func compress(_ state: inout [UInt32], _ block: ArraySlice<UInt8>) {
        func turn(_ word: UInt32, _ count: UInt32) -> UInt32 { word >> count | word << (32 - count) }
        var words = stride(from: block.startIndex, to: block.endIndex, by: 4).map { start in
            block[start..<start + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        }
        for index in 16..<64 {
            let (a, b) = (words[index - 15], words[index - 2])
            let first = turn(a, 7) ^ turn(a, 18) ^ a >> 3
            let second = turn(b, 17) ^ turn(b, 19) ^ b >> 10
            words.append(words[index - 16] &+ first &+ words[index - 7] &+ second)
        }
        var v = state
        for index in 0..<64 {
            let sum1 = turn(v[4], 6) ^ turn(v[4], 11) ^ turn(v[4], 25)
            let choice = v[4] & v[5] ^ ~v[4] & v[6]
            let first = v[7] &+ sum1 &+ choice &+ constants[index] &+ words[index]
            let sum0 = turn(v[0], 2) ^ turn(v[0], 13) ^ turn(v[0], 22)
            let second = sum0 &+ (v[0] & v[1] ^ v[0] & v[2] ^ v[1] & v[2])
            v = [first &+ second, v[0], v[1], v[2], v[3] &+ first, v[4], v[5], v[6]]
        }
        state = zip(state, v).map { $0 &+ $1 }
    }
}

private let hasher = MerkleHasher { PlainSHA256.hash($0) }

extension MerkleHash {
    fileprivate var hex: String { bytes.map { String(format: "%02x", $0) }.joined() }
}

/// The tree by its definition, RFC 6962, 2.1.
private func root(_ leaves: ArraySlice<MerkleHash>) -> MerkleHash {
    guard leaves.count > 1 else { return leaves.first ?? hasher.empty }
    var half = 1
    while half * 2 < leaves.count { half *= 2 }
    let middle = leaves.startIndex + half
    return hasher.node(root(leaves[..<middle]), root(leaves[middle...]))
}

@Suite struct MerkleTests {
    /// The inputs and roots of the reference implementation of RFC 6962.
    private static let inputs: [[UInt8]] = [
        [], [0x00], [0x10], [0x20, 0x21], [0x30, 0x31], [0x40, 0x41, 0x42, 0x43],
        [0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57],
        [0x60, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x6b, 0x6c, 0x6d, 0x6e, 0x6f],
    ]
    private static let roots = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ]

    @Test("the roots of RFC 6962's reference tree, leaf by leaf")
    func referenceRoots() {
        var tree = TileTree(hasher: hasher)
        #expect(tree.root.hex == Self.roots[0])
        for (index, input) in Self.inputs.enumerated() {
            tree.append(hasher.leaf(input)) { _ in }
            #expect(tree.root.hex == Self.roots[index + 1])
        }
    }

    @Test("tiles grown leaf by leaf give the tree by its definition", arguments: [1, 2, 3, 255, 256, 257, 600, 1025])
    func tilesGiveTheTree(size: Int) throws {
        var tree = TileTree(hasher: hasher)
        var tiles: [String: [MerkleHash]] = [:]
        let leaves = (0..<size).map { hasher.leaf(Array("leaf \($0)".utf8)) }
        for leaf in leaves { tree.append(leaf) { tiles["\($0.level)/\($0.position)"] = $0.hashes } }
        for tile in tree.partialTiles { tiles["\(tile.level)/\(tile.position)"] = tile.hashes }
        let expected = root(leaves[...])
        #expect(tree.root == expected)

        let proof = MerkleProof(hasher: hasher) { tiles["\($0)/\($1)"] ?? [] }
        #expect(try proof.root(size: size) == expected)
        for index in Set([0, 1, size / 2, 254, 255, 256, size - 1]) where index < size {
            let path = try proof.inclusion(of: index, size: size)
            func holds(_ leaf: MerkleHash, at index: Int) -> Bool {
                MerkleProof.verify(leaf, at: index, size: size, path: path, root: expected, hasher: hasher)
            }
            #expect(holds(leaves[index], at: index))
            #expect(!holds(hasher.leaf([1]), at: index))
            if size > 1 { #expect(!holds(leaves[index], at: (index + 1) % size)) }
        }
    }

    @Test("a tree taken up again where it was left grows into the same tree")
    func takenUpAgain() throws {
        var whole = TileTree(hasher: hasher)
        var part = TileTree(hasher: hasher)
        for index in 0..<700 {
            let leaf = hasher.leaf(Array("\(index)".utf8))
            whole.append(leaf) { _ in }
            part.append(leaf) { _ in }
            guard index % 97 == 0 else { continue }
            let edge = TileTree.edgeCounts(size: part.size).enumerated().map { level, _ in
                part.partialTiles.first { $0.level == level }?.hashes ?? []
            }
            part = try #require(TileTree(size: part.size, edge: edge, hasher: hasher))
        }
        #expect(part.root == whole.root)
        #expect(TileTree(size: 5, edge: [[]], hasher: hasher) == nil)
    }

    @Test("a leaf tells NULL from empty, one column from two, and long values by their hash")
    func leafEncoding() {
        func encode(_ values: [String?]) -> String {
            var leaf = LogLeaf(hasher: hasher)
            for value in values { leaf.add(value) }
            return String(decoding: leaf.bytes, as: UTF8.self)
        }
        #expect(encode(["1", nil, "", "a\u{0}é"]) == "invite-event/1\n1:1\n-\n0:\n4:a\u{0}é\n")
        #expect(encode(["ab", "c"]) != encode(["a", "bc"]))
        #expect(encode([String(repeating: "x", count: 4096)]).hasSuffix("x\n"))
        let long = String(repeating: "a", count: 1_000_000)
        let digest = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
        #expect(encode([long]) == "invite-event/1\n1000000#\(digest)\n")
    }
}
