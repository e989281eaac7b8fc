import AdminAPISimulator

/// Makes pages that are nearly right out of pages that are.
struct PageMutator {
    private var numbers: SeededGenerator

    init(seed: UInt64) {
        numbers = SeededGenerator(seed: seed)
    }

    mutating func page() -> [UInt8] {
        var page = Self.valid.randomElement(using: &numbers)!
        for _ in 0..<Int.random(in: 0...4, using: &numbers) where !page.isEmpty {
            // Bytes break nearly every page, tokens only some: so these come more often.
            if Int.random(in: 0..<4, using: &numbers) == 0 { changeBytes(&page) } else { changeTokens(&page) }
        }
        return page
    }

    // MARK: Bytes

    private mutating func changeBytes(_ page: inout [UInt8]) {
        let place = Int.random(in: 0..<page.count, using: &numbers)
        let end = min(page.count, place + Int.random(in: 1...8, using: &numbers))
        switch Int.random(in: 0..<6, using: &numbers) {
        case 0: page[place] ^= 1 << UInt8.random(in: 0..<8, using: &numbers)
        case 1: page.insert(.random(in: 0...255, using: &numbers), at: place)
        case 2: page.removeSubrange(place..<end)
        case 3: page.insert(contentsOf: page[place..<end], at: place)
        case 4: page.replaceSubrange(place..<end, with: Self.splices.randomElement(using: &numbers)!)
        default:
            let other = Self.valid.randomElement(using: &numbers)!
            page.replaceSubrange(place..., with: other[Int.random(in: 0..<other.count, using: &numbers)...])
        }
    }

    private static let splices: [[UInt8]] =
        [[0xEF, 0xBB, 0xBF], [0xED, 0xA0, 0x80], [0xC0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xC3], [0], [0x7F]]
        + ["\\", "\\u", "\\ud800", "\\ud83d\\ude00", "\"", ",", ":", "{", "}", "[", "]", "//", " ", "\n"].map {
            Array($0.utf8)
        }

    // MARK: Tokens

    private mutating func changeTokens(_ page: inout [UInt8]) {
        var tokens = Self.tokens(page)
        let place = Int.random(in: 0..<tokens.count, using: &numbers)
        switch Int.random(in: 0..<8, using: &numbers) {
        case 0: tokens.remove(at: place)
        case 1: tokens.insert(tokens.randomElement(using: &numbers)!, at: place)
        case 2: tokens.swapAt(place, Int.random(in: 0..<tokens.count, using: &numbers))
        case 3: tokens.insert(Self.members.randomElement(using: &numbers)!, at: place)
        default:
            let words = tokens.indices.filter { !Self.punctuation.contains(tokens[$0][0]) }
            guard let word = words.randomElement(using: &numbers) else { return }
            tokens[word] = Self.values.randomElement(using: &numbers)!
        }
        page = Array(tokens.joined())
    }

    private static let punctuation = Set("{}[],:".utf8)

    /// Strings, punctuation, and whatever stands between them.
    private static func tokens(_ page: [UInt8]) -> [[UInt8]] {
        var tokens: [[UInt8]] = []
        var rest = page[...]
        while let byte = rest.first {
            var end = rest.startIndex + 1
            if byte == UInt8(ascii: "\"") {
                while end < rest.endIndex, rest[end] != UInt8(ascii: "\"") {
                    end += rest[end] == UInt8(ascii: "\\") ? 2 : 1
                }
                end = min(end + 1, rest.endIndex)
            } else if !punctuation.contains(byte) {
                while end < rest.endIndex, rest[end] != UInt8(ascii: "\""), !punctuation.contains(rest[end]) {
                    end += 1
                }
            }
            tokens.append(Array(rest[..<end]))
            rest = rest[end...]
        }
        return tokens
    }

    private static let values: [[UInt8]] = [
        "null", "true", "false", "0", "-0", "1", "1.0", "1e400", "-1e-400", "01", "1.", ".5", "1E+2", "NaN", "[]", "{}",
        "123456789012345678901234567890", "[[[[]]]]", #"{"a":{"a":1,"a":2}}"#, #""""#, #"" ""#, #""\u0000""#,
        #""\ud800""#, #""\udc00\ud800""#, #""\uD83D\uDE00""#, #""\u0065mail""#, #""é""#, "\"e\u{301}\"", #""😀""#,
        #""\/""#, #""\"""#, #""'; DROP TABLE invite; --""#, #""2024-10-31T00:58:27.4277229+01:00""#, #""id""#,
        #""2024-02-30T00:00:00Z""#, #""9999-12-31T23:59:59Z""#, #""0000-01-01T00:00:00+01:00""#, #""data""#,
        #""2024-12-31t23:59:60z""#, #""email""#, #""status""#, #""invited_at""#, #""has_more""#, #""last_id""#,
        String(repeating: "[", count: 520) + String(repeating: "]", count: 520), "\"\u{202E}\u{FEFF}\u{7F}\"",
    ].map { Array($0.utf8) }

    private static let members: [[UInt8]] = [
        #""id":"twice","#, #""x":1,"#, #""email":null,"#, #""data":[],"#, #""has_more":true,"#, #""last_id":7,"#,
        #""a\u0000b":[],"#, #""\"":{},"#, #""ä":"ä","#, #""\u00e4":1,"#, #""":"","#, #""\ud800":1,"#, #""\udbffa":2,"#,
        #"{"id":"more"},"#,
    ].map { Array($0.utf8) }

    private static let valid: [[UInt8]] = [
        Sample.page(), Sample.page([]), Sample.page([], hasMore: "true", more: #","last_id":null,"first_id":null"#),
        Sample.page([Sample.invite(), Sample.invite(["id": #""b""#, "x": #"{"b":[1,2,{"c":null}],"a":"\t"}"#])]),
        Sample.page([Sample.invite(["email": #""\u00e9\"\\\/\b@\ud83d\ude00""#, "type": nil])], hasMore: "true"),
        Sample.page([#"{"id":"a"}"#, #"{"id":"b","z":1,"y":[],"\u0000":0}"#]).replacing(",", with: " ,\n\t"),
        Sample.page([Sample.invite(["invited_at": #""2024-10-30T23:58:27+05:30""#, "expires_at": "17", "é": "1.50"])]),
    ].map { Array($0.utf8) }
}
