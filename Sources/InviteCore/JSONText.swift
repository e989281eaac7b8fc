/// A JSON value in canonical text: compact, keys sorted by code point, the shortest escapes, numbers as they came.
///
/// A parser of our own, because the mirror must keep what it cannot know: numbers of any length, names sent twice,
/// lone surrogates, NUL. A decoder into Swift types loses each of these.
package struct JSONText: Sendable, Hashable {
    package let text: String

    /// - Precondition: `text` is canonical.
    package init(canonical text: String) {
        self.text = text
    }

    package static func == (left: JSONText, right: JSONText) -> Bool {
        left.text.isIdentical(to: right.text)
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(ExactText(text))
    }

    package static let null = JSONText(canonical: "null")

    /// A string as a JSON value.
    package init(string: String) {
        var output: [UInt8] = [UInt8(ascii: "\"")]
        for byte in string.utf8 { JSONScanner.escape(byte, into: &output) }
        output.append(UInt8(ascii: "\""))
        text = String(decoding: output, as: UTF8.self)
    }

    package var isString: Bool { text.utf8.first == UInt8(ascii: "\"") }

    /// What a TEXT column holds of it: a string as it is, null as nil, anything else as compact JSON.
    package var column: String? {
        var text = text
        return text.withUTF8 { Self.column(of: $0) }
    }

    /// The same of the bytes of a canonical value.
    static func column(of value: UnsafeBufferPointer<UInt8>) -> String? {
        guard value.first == UInt8(ascii: "\"") else {
            return value.elementsEqual("null".utf8) ? nil : String(decoding: value, as: UTF8.self)
        }
        let inner = value.inner
        return inner.contains(UInt8(ascii: "\\")) ? unescape(inner) : String(decoding: inner, as: UTF8.self)
    }

    /// Reads the inside of a canonical string. A lone surrogate, which no text can hold, reads as U+FFFD.
    static func unescape(_ inner: some Sequence<UInt8>) -> String {
        var units: [UInt16] = []
        var rest = Substring(String(decoding: Array(inner), as: UTF8.self)).utf16
        while let unit = rest.popFirst() {
            guard unit == UInt16(UInt8(ascii: "\\")), let escaped = rest.popFirst() else {
                units.append(unit)
                continue
            }
            switch UInt8(truncatingIfNeeded: escaped) {
            case UInt8(ascii: "b"): units.append(0x08)
            case UInt8(ascii: "f"): units.append(0x0C)
            case UInt8(ascii: "n"): units.append(0x0A)
            case UInt8(ascii: "r"): units.append(0x0D)
            case UInt8(ascii: "t"): units.append(0x09)
            case UInt8(ascii: "u"):
                units.append(UInt16(String(Substring(rest.prefix(4))), radix: 16) ?? 0xFFFD)
                rest.removeFirst(4)
            default: units.append(escaped)
            }
        }
        return String(decoding: units, as: UTF16.self)
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// What stands between the first and the last byte, the quotes of a string.
    var inner: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(rebasing: dropFirst().dropLast()) }
}

/// Why a text is no JSON, and where.
package struct JSONError: Error, Equatable {
    package let reason: String
    /// Bytes from the start of the text.
    package let offset: Int
}
