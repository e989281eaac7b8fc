/// A text that equals only what is the same byte for byte.
///
/// Swift's own `==` takes `é` and `e` with an accent for the same: for a mirror that is a change lost.
package struct ExactText: Sendable, Hashable, ExpressibleByStringLiteral, CustomStringConvertible {
    package let string: String

    package init(_ string: String) {
        self.string = string
    }

    package init(stringLiteral string: String) {
        self.string = string
    }

    /// Whether it is `text`, byte for byte.
    func isIdentical(to text: UnsafeBufferPointer<UInt8>) -> Bool {
        var string = string
        return string.withUTF8 { $0.isIdentical(to: text) }
    }

    package var description: String { string }

    package static func == (left: ExactText, right: ExactText) -> Bool {
        left.string.isIdentical(to: right.string)
    }

    package func hash(into hasher: inout Hasher) {
        var text = string
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// Whether the two are the same byte for byte.
    @inline(__always)
    package func isIdentical(to other: UnsafeBufferPointer<UInt8>) -> Bool {
        guard count == other.count else { return false }
        let (left, right) = (UnsafeRawBufferPointer(self), UnsafeRawBufferPointer(other))
        func isEqual<Word: FixedWidthInteger & BitwiseCopyable>(at index: Int, _: Word.Type) -> Bool {
            left.loadUnaligned(fromByteOffset: index, as: Word.self)
                == right.loadUnaligned(fromByteOffset: index, as: Word.self)
        }
        // The last word may overlap with the one before it.
        switch count {
        case 8...:
            for index in stride(from: 0, to: count - 8, by: 8) {
                guard isEqual(at: index, UInt64.self) else { return false }
            }
            return isEqual(at: count - 8, UInt64.self)
        case 4...: return isEqual(at: 0, UInt32.self) && isEqual(at: count - 4, UInt32.self)
        default: return (0..<count).allSatisfy { isEqual(at: $0, UInt8.self) }
        }
    }
}

extension String {
    /// Whether the two are the same byte for byte.
    package func isIdentical(to other: String) -> Bool {
        guard utf8.count == other.utf8.count else { return false }
        var (left, right) = (self, other)
        return left.withUTF8 { left in right.withUTF8 { left.isIdentical(to: $0) } }
    }
}

extension String {
    /// With the letters A to Z as a to z, and every other one as it is. Unicode's own lower case takes the Kelvin sign
    /// for a k, which would let `o\u{212A}.example` pass for another domain.
    package var asciiLowercased: String {
        String(decoding: utf8.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
    }
}

extension Optional where Wrapped == String {
    /// Whether both are nil, or the same byte for byte.
    package func isIdentical(to other: String?) -> Bool {
        switch (self, other) {
        case (nil, nil): true
        case (let left?, let right?): left.isIdentical(to: right)
        default: false
        }
    }
}
