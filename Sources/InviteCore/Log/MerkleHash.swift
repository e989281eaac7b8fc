/// A SHA-256 value: the hash of a leaf or of a subtree. Thirty-two bytes, no allocation.
package struct MerkleHash: Sendable, Hashable {
    package let value: SIMD32<UInt8>

    package static let byteCount = 32

    package init(_ value: SIMD32<UInt8>) {
        self.value = value
    }

    /// Nil unless there are 32 bytes.
    package init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        value = SIMD32(bytes)
    }

    package var bytes: [UInt8] { (0..<Self.byteCount).map { value[$0] } }
}

/// The hashes of RFC 6962, section 2.1, over a SHA-256 that is handed in: the core has none of its own.
package struct MerkleHasher: Sendable {
    package let sha256: @Sendable (UnsafeRawBufferPointer) -> MerkleHash

    package init(sha256: @escaping @Sendable (UnsafeRawBufferPointer) -> MerkleHash) {
        self.sha256 = sha256
    }

    /// The root of the tree without leaves.
    package var empty: MerkleHash { sha256(UnsafeRawBufferPointer(start: nil, count: 0)) }

    /// The hash of a leaf: SHA-256 of 0x00 and its data.
    package func leaf(_ data: [UInt8]) -> MerkleHash {
        withUnsafeTemporaryAllocation(byteCount: data.count + 1, alignment: 1) { buffer in
            buffer[0] = 0
            data.withUnsafeBytes { source in
                UnsafeMutableRawBufferPointer(rebasing: buffer[1...]).copyMemory(from: source)
            }
            return sha256(UnsafeRawBufferPointer(buffer))
        }
    }

    /// The hash of a node: SHA-256 of 0x01, the left and the right hash.
    package func node(_ left: MerkleHash, _ right: MerkleHash) -> MerkleHash {
        withUnsafeTemporaryAllocation(byteCount: 65, alignment: 1) { buffer in
            buffer[0] = 1
            buffer.storeBytes(of: left.value, toByteOffset: 1, as: SIMD32<UInt8>.self)
            buffer.storeBytes(of: right.value, toByteOffset: 33, as: SIMD32<UInt8>.self)
            return sha256(UnsafeRawBufferPointer(buffer))
        }
    }

    /// The root of a perfect subtree: as many hashes as a power of two says.
    package func perfectRoot(_ hashes: ArraySlice<MerkleHash>) -> MerkleHash {
        var level = Array(hashes)
        while level.count > 1 {
            level = stride(from: 0, to: level.count - 1, by: 2).map { node(level[$0], level[$0 + 1]) }
        }
        return level.first ?? empty
    }
}

extension Sequence<UInt8> {
    /// The bytes in lower-case hexadecimal, two digits each.
    package var hexadecimal: String {
        map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
}
