import Testing

@testable import InviteCore

@Suite("Canonical JSON")
struct JSONTests {
    @Test(
        "has one spelling for each value",
        arguments: [
            // Names sorted at all levels, nothing between the tokens.
            (
                #" { "b" : 1 , "a" : { "d" : [ { "z" : 0 , "y" : 0 } ] , "c" : null } } "#,
                #"{"a":{"c":null,"d":[{"y":0,"z":0}]},"b":1}"#
            ),
            ("\t\r\n[\ttrue ,\nfalse\r]\n", "[true,false]"), ("{}", "{}"), ("[ ]", "[]"), (#""""#, #""""#),
            // By code point, which is not the order of UTF-16, nor that of the escapes.
            ("{\"😀\":1,\"\u{FFFD}\":2}", "{\"\u{FFFD}\":2,\"😀\":1}"),
            (#"{"a ":1,"a\n":2}"#, #"{"a\n":2,"a ":1}"#), (#"{"\u0062":1,"a":2}"#, #"{"a":2,"b":1}"#),
            (#"{"b\n":1,"b":2,"B":3}"#, #"{"B":3,"b":2,"b\n":1}"#), (#"{"a":1,"":2}"#, #"{"":2,"a":1}"#),
            // The shortest escapes.
            (#""\u0041\/\b\f\n\r\t\"\\""#, #""A/\b\f\n\r\t\"\\""#),
            (#""\u0008\u000C\u000a\u000D\u0009\u0022\u005c\u002F""#, #""\b\f\n\r\t\"\\/""#),
            (#""\u0000\u001F\u007f""#, "\"\\u0000\\u001f\u{7F}\""), (#""\u00e9\u20AC""#, #""é€""#),
            (#""\uD83D\uDE00""#, #""😀""#), (#""\ud83d""#, #""\ud83d""#), (#""\uDE00x""#, #""\ude00x""#),
            (#""\uD83DA""#, #""\ud83dA""#), (#""\ud83d\u0041""#, #""\ud83dA""#),
            (#""\ud83d\ud83d\ude00""#, #""\ud83d😀""#), (#""\ud83d\n""#, #""\ud83d\n""#),
            (#""\ude00\ud83d""#, #""\ude00\ud83d""#), ("\"e\u{301}\"", "\"e\u{301}\""),
            ("\"\u{2028}\"", "\"\u{2028}\""),
            // Numbers as they came.
            ("[-0, 0, 1.0, 0.10, 1E400, 1e+5, 1e-05]", "[-0,0,1.0,0.10,1E400,1e+5,1e-05]"),
            ("123456789012345678901234567890.5", "123456789012345678901234567890.5"),
        ])
    func canonicalForm(text: String, expected: String) throws {
        #expect(try Array(canonical(text).utf8) == Array(expected.utf8))
    }

    @Test(
        "counts the names that stand twice, and takes the last",
        arguments: [
            (#"{"a":1,"a":2}"#, #"{"a":2}"#, 1), (#"{"b":0,"a":1,"a":2,"a":3,"c":4}"#, #"{"a":3,"b":0,"c":4}"#, 2),
            (#"{"a":1,"\u0061":2}"#, #"{"a":2}"#, 1), (#"{"x":{"a":1,"a":2},"x":{"b":1,"b":2}}"#, #"{"x":{"b":2}}"#, 3),
            (#"[{"a":1},{"a":2}]"#, #"[{"a":1},{"a":2}]"#, 0), (#"{"a":1,"A":2}"#, #"{"A":2,"a":1}"#, 0),
            ("{\"\u{E9}\":1,\"e\u{301}\":2}", "{\"e\u{301}\":2,\"\u{E9}\":1}", 0),
        ])
    func repeatedNames(text: String, expected: String, count: Int) throws {
        try JSONScanner.scan(text.utf8) { scanner in
            let canonical = try scanner.text()
            #expect(Array(canonical.utf8) == Array(expected.utf8))
            #expect(scanner.repeatedNames == count)
        }
    }

    @Test(
        "is made of JSON only",
        arguments: [
            "", " ", "nul", "nulL", "tru", "truex", "True", "{", "}", "[", "]", "[1,]", "[,1]", "[1 2]", "[1", "[1}",
            #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#, #"{,"a":1}"#, #"{"a":1 "b":2}"#, #"{"a":1"#, #"{"a" 1}"#, "{a:1}",
            "{'a':1}", "{1:2}", "{null:1}", "01", "-01", "00", "1.", ".5", "-", "+1", "1e", "1e+", "1.e5", "0x10",
            "NaN", "Infinity", "-Infinity", "1_000", #"""#, #""\"#, #""\""#, #""\x""#, #""\u12""#, #""\u12G4""#,
            #""\u+123""#, #""\ud83d\u12""#, #""\ud83d\"#, "\"\u{1}\"", "\"\n\"", "\"\t\"", "\"\u{0}\"", "1 2", "{}{}",
            "[]x", "/* no */1", "1//", "\u{FEFF}1", "\u{A0}1", "\u{B}1", "\u{0}", "'a'", "undefined",
        ])
    func malformed(text: String) {
        #expect(throws: JSONError.self) { try canonical(text) }
    }

    @Test(
        "is UTF-8",
        arguments: [
            [0xFF], [0xC0, 0x80], [0xC1, 0xBF], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF],
            [0xE2, 0x82], [0x80], [0xF5, 0x80, 0x80, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xF0, 0x9F, 0x98],
        ] as [[UInt8]])
    func badUTF8(bytes: [UInt8]) {
        #expect(throws: JSONError(reason: "it is not UTF-8", offset: 0)) {
            try canonical(bytes: [UInt8(ascii: "\"")] + bytes + [UInt8(ascii: "\"")])
        }
    }

    @Test("says where it goes wrong, in bytes")
    func offset() {
        #expect(throws: JSONError(reason: "a value was expected", offset: 10)) { try canonical(#"{"é€": x}"#) }
    }

    @Test("is nested 512 deep at the most", arguments: [("[", "]"), (#"{"a":"#, "}")])
    func depth(open: String, close: String) throws {
        func nested(_ depth: Int) -> String {
            String(repeating: open, count: depth) + (open == "[" ? "" : "1") + String(repeating: close, count: depth)
        }
        // The value inside the innermost object counts as well.
        let limit = open == "[" ? JSONScanner.maximumDepth : JSONScanner.maximumDepth - 1
        #expect(try canonical(nested(limit)) == nested(limit))
        #expect(throws: JSONError.self) { try canonical(nested(limit + 1)) }
        #expect(throws: JSONError.self) { try canonical(nested(100_000)) }
    }

    @Test("stays as it is when it is made canonical again, whatever the value")
    func idempotent() throws {
        var random = SeededRandom.drawn(for: "canonical JSON")
        for _ in 0..<2000 {
            let text = RandomJSON.value(&random, depth: 0)
            let once = try canonical(text)
            #expect(try canonical(once) == once, "\(text)")
        }
    }

    @Test("does not depend on the order of an object's members")
    func order() throws {
        var random = SeededRandom.drawn(for: "order of members")
        for _ in 0..<500 {
            let names = Set((0..<6).map { _ in RandomJSON.string(&random, mayBeLone: false) })
            let members = try names.map { "\(try canonical($0)):\(RandomJSON.value(&random, depth: 3))" }
            let unique = Dictionary(members.map { ($0.prefix { $0 != ":" }, $0) }) { first, _ in first }.values
            let one = "{" + unique.shuffled(using: &random).joined(separator: ",") + "}"
            let other = "{" + unique.shuffled(using: &random).joined(separator: ",") + "}"
            #expect(try canonical(one) == canonical(other))
        }
    }

    @Test("carries any text there and back")
    func strings() throws {
        var random = SeededRandom.drawn(for: "strings")
        for _ in 0..<1000 {
            let scalars = (0..<Int.random(in: 0...12, using: &random)).map { _ in RandomJSON.scalar(&random) }
            var text = ""
            text.unicodeScalars.append(contentsOf: scalars)
            let json = JSONText(string: text)
            #expect(try canonical(json.text) == json.text)
            #expect(json.column?.unicodeScalars.elementsEqual(scalars) == true)
        }
    }

    @Test(
        "fills a column with a string as it is, NULL for null, and anything else as JSON",
        arguments: [
            ("null", nil), (#""null""#, "null"), (#""""#, ""), (#""a\"b\\\n\u0000""#, "a\"b\\\n\u{0}"),
            ("true", "true"),
            ("12.50", "12.50"), (#"{"a":[1]}"#, #"{"a":[1]}"#), (#""\ud800x""#, "\u{FFFD}x"),
        ])
    func column(json: String, expected: String?) {
        #expect(JSONText(canonical: json).column == expected)
    }
}

/// JSON texts of every shape, with white space and escapes anywhere.
enum RandomJSON {
    static func value(_ random: inout SeededRandom, depth: Int) -> String {
        let space = [" ", "\n", "\t", "", "", ""].randomElement(using: &random)!
        let kinds = depth > 4 ? 0...3 : 0...5
        let value: String
        switch Int.random(in: kinds, using: &random) {
        case 0: value = ["true", "false", "null"].randomElement(using: &random)!
        case 1: value = ["0", "-0", "1.50", "1E+300", "-12e-7", "98765432109876543210"].randomElement(using: &random)!
        case 2, 3: value = string(&random)
        case 4:
            let count = Int.random(in: 0...4, using: &random)
            value = "[" + (0..<count).map { _ in self.value(&random, depth: depth + 1) }.joined(separator: ",") + "]"
        default:
            let members = (0..<Int.random(in: 0...5, using: &random)).map { _ in
                string(&random) + space + ":" + self.value(&random, depth: depth + 1)
            }
            value = "{" + members.joined(separator: ",") + "}"
        }
        return space + value + space
    }

    static func string(_ random: inout SeededRandom, mayBeLone: Bool = true) -> String {
        let parts = (0..<Int.random(in: 0...3, using: &random)).map { _ in
            let pieces =
                ["a", "b", "é", "e\u{301}", "😀", #"\n"#, #"\u0000"#, #"\ud83d\ude00"#, #"\/"#, #"\u0061"#]
                + (mayBeLone ? [#"\udc00"#, #"\ud800"#] : [])
            return pieces.randomElement(using: &random)!
        }
        return "\"" + parts.joined() + "\""
    }

    static func scalar(_ random: inout SeededRandom) -> Unicode.Scalar {
        let ranges: [ClosedRange<UInt32>] = [0...0x1F, 0x20...0x7F, 0x80...0x7FF, 0x800...0xD7FF, 0xE000...0x10FFFF]
        return Unicode.Scalar(UInt32.random(in: ranges.randomElement(using: &random)!, using: &random))!
    }
}
