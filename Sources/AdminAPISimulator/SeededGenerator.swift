/// A small random generator: the same seed gives the same numbers on every platform.
///
/// Source: S. Vigna, SplitMix64.
package struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(seed: UInt64) {
        state = seed
    }

    /// A stream of its own for one thing of one kind, so that no draw for one invite moves another's.
    init(seed: UInt64, domain: Domain, index: Int) {
        state = Self.mixed(Self.mixed(seed) ^ Self.mixed(domain.rawValue &* 0x9E37_79B9_7F4A_7C15))
        state = Self.mixed(state &+ UInt64(bitPattern: Int64(index)) &* 0xD1B5_4A32_D192_ED03)
    }

    /// What a stream is drawn for.
    enum Domain: UInt64 {
        case invite = 1
        case gap, fates, created, earlyEnd, requestID, organizationID, faults
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return Self.mixed(state)
    }

    /// A number in 0..<1.
    mutating func unit() -> Double {
        Double(next() >> 11) * 0x1p-53
    }

    /// A number in 0..<bound; bound is at least 1. The bias is below one in 2^40 for every bound used here.
    mutating func below(_ bound: Int) -> Int {
        Int(next() % UInt64(bound))
    }

    /// `count` characters that are not mistaken for each other, as in the API's ids.
    mutating func base58(_ count: Int) -> String {
        let alphabet = Self.alphabet
        return String(unsafeUninitializedCapacity: count) { text in
            var bits: UInt64 = 0
            for place in 0..<count {
                // Ten characters of 58 fit into one draw of 64 bits.
                if place % 10 == 0 { bits = next() }
                text[place] = alphabet[Int(bits % 58)]
                bits /= 58
            }
            return count
        }
    }

    private static let alphabet = Array("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz".utf8)

    private static func mixed(_ value: UInt64) -> UInt64 {
        var mixed = value
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
