/// Reads JSON (RFC 8259) byte by byte and writes it canonically.
///
/// It works on a borrowed buffer whose UTF-8 has been validated before: the scanner looks at structure only.
package struct JSONScanner {
    private let bytes: UnsafeBufferPointer<UInt8>
    package private(set) var position = 0
    /// Names that stood twice in one object, so far; of such a pair the last one counts.
    package private(set) var repeatedNames = 0

    /// Objects and arrays inside each other, at the most. Beyond it SQLite's JSON functions would give up as well.
    package static let maximumDepth = 512

    package init(validated bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
    }

    /// Runs `body` over the bytes of a text after making sure that they are UTF-8.
    package static func scan<Result>(
        _ text: some Collection<UInt8>, _ body: (inout JSONScanner) throws -> Result
    ) throws -> Result {
        let result = try text.withContiguousStorageIfAvailable { buffer in
            guard validUTF8(buffer) else {
                throw JSONError(reason: "it is not UTF-8", offset: 0)
            }
            var scanner = JSONScanner(validated: buffer)
            return try body(&scanner)
        }
        return try result ?? scan(Array(text), body)
    }

    private static func validUTF8(_ buffer: UnsafeBufferPointer<UInt8>) -> Bool {
        (try? UTF8Span(validating: buffer.span)) != nil
    }

    package func failure(_ reason: String) -> JSONError {
        JSONError(reason: reason, offset: position)
    }

    // MARK: Structure

    /// The next byte that is no white space, without taking it; nil at the end.
    @inline(__always)
    package mutating func peek() -> UInt8? {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            case let byte: return byte
            }
        }
        return nil
    }

    @inline(__always)
    package mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard peek() == UInt8(character.value) else { return false }
        position += 1
        return true
    }

    package mutating func expect(_ character: Unicode.Scalar) throws {
        guard take(character) else { throw failure("'\(character)' was expected") }
    }

    package mutating func expectEnd() throws {
        guard peek() == nil else { throw failure("something follows the value") }
    }

    /// Takes an array, calling `element` at the start of each value with its index; it must take the value.
    package mutating func array(_ element: (inout JSONScanner, Int) throws -> Void) throws {
        try expect("[")
        if take("]") { return }
        var index = 0
        repeat {
            try element(&self, index)
            index += 1
        } while take(",")
        try expect("]")
    }

    /// Takes one value and appends it canonically. `depth` counts the objects and arrays around it.
    package mutating func value(into output: inout [UInt8], depth: Int) throws {
        guard depth <= Self.maximumDepth else { throw failure("it is nested deeper than \(Self.maximumDepth)") }
        switch peek() {
        case UInt8(ascii: "\""): try string(into: &output)
        case UInt8(ascii: "{"): try members(depth: depth).write(into: &output)
        case UInt8(ascii: "["):
            output.append(UInt8(ascii: "["))
            try array { scanner, index in
                if index > 0 { output.append(UInt8(ascii: ",")) }
                try scanner.value(into: &output, depth: depth + 1)
            }
            output.append(UInt8(ascii: "]"))
        case UInt8(ascii: "t"): try word("true", into: &output)
        case UInt8(ascii: "f"): try word("false", into: &output)
        case UInt8(ascii: "n"): try word("null", into: &output)
        case nil: throw failure("it ends too early")
        default: try number(into: &output)
        }
    }

    /// Room for the members of one object after the other.
    var noMembers: JSONMembers { JSONMembers(of: bytes) }

    /// Takes an object: its members by name, each name once.
    mutating func members(depth: Int) throws -> JSONMembers {
        var members = noMembers
        try take(&members, depth: depth)
        return members
    }

    /// Takes an object into `members`, in place of the one before: many objects alike are sorted once.
    mutating func take(_ members: inout JSONMembers, depth: Int) throws {
        members.begin()
        try expect("{")
        if !take("}") {
            repeat {
                guard peek() == UInt8(ascii: "\"") else { throw failure("a name in quotes was expected") }
                if depth < Self.maximumDepth, let place = plainMember() {
                    members.add(place)
                    continue
                }
                try members.add(
                    name: { output in
                        try string(into: &output)
                        try expect(":")
                    }, value: { output in try value(into: &output, depth: depth + 1) })
            } while take(",")
            try expect("}")
        }
        repeatedNames += members.sort()
    }

    /// Takes a member if it stands here just as canonical JSON has it, its value a string; else nothing.
    private mutating func plainMember() -> JSONMembers.Place? {
        guard let nameEnd = endOfPlainString(from: position), nameEnd < bytes.count,
            bytes[nameEnd] == UInt8(ascii: ":"), let end = endOfPlainString(from: nameEnd + 1)
        else { return nil }
        defer { position = end }
        return .init(start: position, nameEnd: nameEnd, end: end)
    }

    /// Where a string ends that needs no other spelling, quotes included; nil if there is none.
    @inline(__always)
    private func endOfPlainString(from start: Int) -> Int? {
        guard start < bytes.count, bytes[start] == UInt8(ascii: "\"") else { return nil }
        let end = endOfPlainText(from: start + 1)
        return end < bytes.count && bytes[end] == UInt8(ascii: "\"") ? end + 1 : nil
    }

    /// Takes an object, calling `member` at the start of each value with its name; it must take the value.
    package mutating func eachMember(_ member: (inout JSONScanner, String) throws -> Void) throws {
        try expect("{")
        if take("}") { return }
        repeat {
            let name = JSONText(canonical: try text())
            guard name.isString else { throw failure("a name in quotes was expected") }
            try expect(":")
            try member(&self, name.column ?? "")
        } while take(",")
        try expect("}")
    }

    /// Takes one value: its canonical text.
    package mutating func text() throws -> String {
        var output: [UInt8] = []
        try value(into: &output, depth: 1)
        return String(decoding: output, as: UTF8.self)
    }

    // MARK: Leaves

    private mutating func word(_ word: StaticString, into output: inout [UInt8]) throws {
        let end = position + word.utf8CodeUnitCount
        guard end <= bytes.count else { throw failure("it ends too early") }
        for offset in 0..<word.utf8CodeUnitCount where bytes[position + offset] != word.utf8Start[offset] {
            throw failure("a value was expected")
        }
        append(position..<end, to: &output)
        position = end
    }

    private mutating func number(into output: inout [UInt8]) throws {
        let start = position
        if byte == UInt8(ascii: "-") { position += 1 }
        if byte == UInt8(ascii: "0") { position += 1 } else { try digits() }
        if byte == UInt8(ascii: ".") {
            position += 1
            try digits()
        }
        if byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E") {
            position += 1
            if byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") { position += 1 }
            try digits()
        }
        append(start..<position, to: &output)
    }

    private mutating func digits() throws {
        let start = position
        while let digit = byte, digit >= 0x30, digit <= 0x39 { position += 1 }
        guard position > start else { throw failure("a value was expected") }
    }

    /// Takes a string, quotes included.
    package mutating func string(into output: inout [UInt8]) throws {
        try expect("\"")
        var start = position - 1
        while true {
            position = endOfPlainText(from: position)
            guard let byte else { throw failure("it ends inside a string") }
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                return append(start..<position, to: &output)
            case UInt8(ascii: "\\"):
                append(start..<position, to: &output)
                try escape(into: &output)
                start = position
            default: throw failure("a control character stands bare in a string")
            }
        }
    }

    /// The next byte of a string that is not just a part of it: a quotation mark, a backslash or a control character.
    @inline(__always)
    private func endOfPlainText(from start: Int) -> Int {
        var index = start
        // Eight bytes at once: the high bit of each that is what is looked for, and perhaps of some behind the first.
        let raw = UnsafeRawBufferPointer(bytes)
        while index + 8 <= bytes.count {
            let word = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: index, as: UInt64.self))
            let found = word.bytesEqual(to: 0x22) | word.bytesEqual(to: 0x5C) | word.bytesBelow(0x20)
            if found != 0 { return index + found.trailingZeroBitCount / 8 }
            index += 8
        }
        while index < bytes.count {
            let byte = bytes[index]
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte < 0x20 { return index }
            index += 1
        }
        return index
    }

    private mutating func escape(into output: inout [UInt8]) throws {
        position += 1
        guard let kind = byte else { throw failure("it ends inside a string") }
        position += 1
        switch kind {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): Self.escape(kind, into: &output)
        case UInt8(ascii: "b"): Self.escape(0x08, into: &output)
        case UInt8(ascii: "f"): Self.escape(0x0C, into: &output)
        case UInt8(ascii: "n"): Self.escape(0x0A, into: &output)
        case UInt8(ascii: "r"): Self.escape(0x0D, into: &output)
        case UInt8(ascii: "t"): Self.escape(0x09, into: &output)
        case UInt8(ascii: "u"): try unicodeEscape(into: &output)
        default: throw failure("there is no such escape")
        }
    }

    /// A lone surrogate stays the escape that it is, since UTF-8 cannot spell it.
    private mutating func unicodeEscape(into output: inout [UInt8]) throws {
        let first = try hexUnit()
        if UTF16.isLeadSurrogate(first), byte == UInt8(ascii: "\\"), bytes.indices.contains(position + 1),
            bytes[position + 1] == UInt8(ascii: "u")
        {
            let afterFirst = position
            position += 2
            let second = try hexUnit()
            if UTF16.isTrailSurrogate(second) {
                let scalar = UTF16.decode(UTF16.EncodedScalar([first, second]))
                output.append(contentsOf: Unicode.UTF8.encode(scalar)!)
                return
            }
            position = afterFirst
        }
        if let scalar = Unicode.Scalar(first) {
            if scalar.isASCII {
                Self.escape(UInt8(scalar.value), into: &output)
            } else {
                output.append(contentsOf: Unicode.UTF8.encode(scalar)!)
            }
        } else {
            Self.appendHex(first, to: &output)
        }
    }

    private mutating func hexUnit() throws -> UInt16 {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let digit = byte.flatMap({ Character(Unicode.Scalar($0)).hexDigitValue }) else {
                throw failure("four hexadecimal digits were expected")
            }
            unit = unit << 4 | UInt16(digit)
            position += 1
        }
        return unit
    }

    private var byte: UInt8? {
        position < bytes.count ? bytes[position] : nil
    }

    @inline(__always)
    private func append(_ range: Range<Int>, to output: inout [UInt8]) {
        output.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[range]))
    }

    /// Appends one character of a string as the canonical text spells it.
    package static func escape(_ byte: UInt8, into output: inout [UInt8]) {
        let short: Unicode.Scalar
        switch byte {
        case 0x08: short = "b"
        case 0x09: short = "t"
        case 0x0A: short = "n"
        case 0x0C: short = "f"
        case 0x0D: short = "r"
        case UInt8(ascii: "\""): short = "\""
        case UInt8(ascii: "\\"): short = "\\"
        case 0..<0x20: return appendHex(UInt16(byte), to: &output)
        default: return output.append(byte)
        }
        output.append(UInt8(ascii: "\\"))
        output.append(UInt8(short.value))
    }

    private static func appendHex(_ unit: UInt16, to output: inout [UInt8]) {
        let digits = String(unit, radix: 16)
        output.append(contentsOf: "\\u\(String(repeating: "0", count: 4 - digits.count))\(digits)".utf8)
    }
}

extension UInt64 {
    private static let lowBits: UInt64 = 0x0101_0101_0101_0101
    private static let highBits: UInt64 = 0x8080_8080_8080_8080

    /// The high bit of each byte that is less than `limit`, which is at most 128: exact up to the lowest one.
    ///
    /// Source: S. E. Anderson, "Bit Twiddling Hacks".
    @inline(__always)
    fileprivate func bytesBelow(_ limit: UInt64) -> UInt64 {
        (self &- Self.lowBits &* limit) & ~self & Self.highBits
    }

    /// The high bit of each byte that is `byte`: exact up to the lowest one.
    @inline(__always)
    fileprivate func bytesEqual(to byte: UInt64) -> UInt64 {
        (self ^ (Self.lowBits &* byte)).bytesBelow(1)
    }
}
