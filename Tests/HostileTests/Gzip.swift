/// gzip by hand (RFC 1951, 1952): just enough to make answers that nobody should unpack.
enum Gzip {
    private static let header: [UInt8] = [0x1F, 0x8B, 0x08, 0, 0, 0, 0, 0, 0, 0xFF]

    /// Stored blocks, with a checksum of zero: whoever unpacks it would notice.
    static func stored(_ bytes: [UInt8]) -> [UInt8] {
        let (low, high) = (UInt8(bytes.count & 0xFF), UInt8(bytes.count >> 8 & 0xFF))
        return header + [0x01, low, high, ~low, ~high] + bytes + [UInt8](repeating: 0, count: 8)
    }

    /// A fixed Huffman block of one zero byte and matches of length 258 at distance 1, each of 13 bits: 1 MB makes
    /// some 160 MB of zeros.
    static let bomb: [UInt8] = {
        var bits = BitWriter()
        bits.put([1, 1, 0])
        bits.put([0, 0, 1, 1, 0, 0, 0, 0])
        let match: [UInt8] = [1, 1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0]
        // Eight of them fill thirteen bytes, which then repeat from any position.
        var pattern = BitWriter()
        for _ in 0..<8 { pattern.put(match) }
        while bits.count % 8 != 0 { bits.put(match) }
        var bytes = header + bits.bytes
        bytes.reserveCapacity(1_100_000)
        while bytes.count < 1_000_000 { bytes += pattern.bytes }
        var end = BitWriter()
        end.put([0, 0, 0, 0, 0, 0, 0])
        return bytes + end.bytes + [UInt8](repeating: 0, count: 8)
    }()

    private struct BitWriter {
        var bytes: [UInt8] = []
        var count = 0

        mutating func put(_ bits: [UInt8]) {
            for bit in bits {
                if count % 8 == 0 { bytes.append(0) }
                bytes[bytes.count - 1] |= bit << UInt8(count % 8)
                count += 1
            }
        }
    }
}
