/// Bodies that are no JSON, or no text at all.
enum HostileBytes {
    static let all = text.map(unreadable) + bytes.map(unreadable) + truncated + sizes

    private static func unreadable(_ name: String, _ body: String) -> HostileInput {
        .refused(name, 65, .ok(body))
    }

    private static func unreadable(_ name: String, _ body: [UInt8]) -> HostileInput {
        .refused(name, 65, .ok(body))
    }

    private static let page = Sample.page()

    private static let text: [(String, String)] = [
        ("an empty body", ""), ("nothing but white space", " \n\t\r "), ("HTML", "<!doctype html><h1>Hello</h1>"),
        ("plain text", "upstream connect error"), ("NDJSON", "\(page)\n\(page)"), ("two values", "\(page)\(page)"),
        ("garbage after the page", "\(page)x"), ("NUL after the page", "\(page)\0"),
        ("NUL before the page", "\0\(page)"), ("a comma after the page", "\(page),"),
        ("a bracket too many", "\(page)}"), ("XSSI's prefix", ")]}',\n\(page)"),
        ("single quotes", #"{'data':[],'has_more':false}"#), ("names without quotes", "{data:[],has_more:false}"),
        ("a line comment", "\(page)// that's all"), ("a block comment", #"{/* */"data":[],"has_more":false}"#),
        ("a comma after the last invite", Sample.page([Sample.invite(), ""])),
        ("a comma after the last member", #"{"data":[],"has_more":false,}"#),
        ("no comma between two members", #"{"data":[]"has_more":false}"#),
        ("two commas", #"{"data":[],,"has_more":false}"#), ("no colon", #"{"data"[],"has_more":false}"#),
        ("a bare line feed in a string", extra("\"a\nb\"")), ("a bare NUL in a string", extra("\"a\0b\"")),
        ("a bare tab in a string", extra("\"a\tb\"")), ("a bare 0x1F in a string", extra("\"a\u{1F}b\"")),
        ("an escape \\x", extra(#""\x41""#)), ("an escape \\'", extra(#""\'""#)),
        ("an escape \\u{41}", extra(#""\u{41}""#)), ("an escape with three digits", extra(#""\u004""#)),
        ("an escape with full-width digits", extra("\"\\u００４１\"")), ("a string without an end", extra(#""a\""#)),
        ("NaN", extra("NaN")), ("Infinity", extra("-Infinity")), ("a minus alone", extra("-")),
        ("a leading zero", extra("01")), ("a leading plus", extra("+1")), ("no digit before the point", extra(".5")),
        ("no digit after the point", extra("1.")), ("no digit in the exponent", extra("1e+")),
        ("a hexadecimal number", extra("0x10")), ("digits of another script", extra("١")), ("True", extra("True")),
        ("nul", extra("nul")), ("nulll", extra("nulll")), ("a form feed as white space", "\u{0C}\(page)"),
        ("a no-break space as white space", "\u{A0}\(page)"), ("a line separator as white space", "\u{2028}\(page)"),
    ]

    private static func extra(_ value: String) -> String { Sample.page(more: ",\"x\":\(value)") }

    private static let bytes: [(String, [UInt8])] =
        [
            ("a byte order mark", [0xEF, 0xBB, 0xBF] + Array(page.utf8)),
            ("UTF-16 with a mark", [0xFF, 0xFE] + page.utf8.flatMap { [$0, 0] }),
            ("UTF-16, big end first, without a mark", page.utf8.flatMap { [0, $0] }),
            ("UTF-16, little end first, without a mark", page.utf8.flatMap { [$0, 0] }),
            ("UTF-32", page.utf8.flatMap { [0, 0, 0, $0] }),
            ("a gzip header without a content-encoding", [0x1F, 0x8B, 0x08, 0x00] + Array(page.utf8)),
            ("all byte values", Array(0...255)),
        ] + malformed.map { ("in a string: \($0.0)", inString($0.1)) } + [
            ("0xFF in a name", Array(#"{"data":[],"has_more":false,""#.utf8) + [0xFF] + Array("\":1}".utf8)),
            ("0xFF after the page", Array(page.utf8) + [0xFF]),
            ("0xFF in an id", Array(#"{"data":[{"id":"a"#.utf8) + [0xFF] + Array("\"}],\"has_more\":false}".utf8)),
        ]

    private static func inString(_ bytes: [UInt8]) -> [UInt8] {
        Array(#"{"data":[],"has_more":false,"x":"a"#.utf8) + bytes + Array("b\"}".utf8)
    }

    private static let malformed: [(String, [UInt8])] = [
        ("0xFF", [0xFF]), ("0xFE", [0xFE]), ("a continuation alone", [0x80]), ("an overlong slash", [0xC0, 0xAF]),
        ("an overlong NUL", [0xC0, 0x80]), ("an overlong slash of three bytes", [0xE0, 0x80, 0xAF]),
        ("an overlong slash of four bytes", [0xF0, 0x80, 0x80, 0xAF]),
        ("an encoded surrogate", [0xED, 0xA0, 0x80]),
        ("a pair of encoded surrogates", [0xED, 0xA0, 0xBD, 0xED, 0xB8, 0x80]),
        ("one byte of two", [0xC3]), ("two bytes of three", [0xE2, 0x82]), ("three bytes of four", [0xF0, 0x9F, 0x98]),
        ("beyond U+10FFFF", [0xF4, 0x90, 0x80, 0x80]), ("five bytes", [0xF8, 0x88, 0x80, 0x80, 0x80]),
        ("Latin-1", [0xE9]),
    ]

    /// Cut off at every tenth of its length, with the content-length of what is left.
    private static let truncated = (1...9).map { tenth -> HostileInput in
        let body = Array(page.utf8)
        return .refused("a page that ends after \(tenth) tenths", 65, .ok(Array(body[..<(body.count * tenth / 10)])))
    }

    private static let limit = 16 * 1024 * 1024

    private static func padded(to count: Int) -> [UInt8] {
        Array(page.utf8) + [UInt8](repeating: 0x20, count: count - page.utf8.count)
    }

    private static let sizes: [HostileInput] = [
        .taken("a page of 16 MiB, nearly all of it white space", .ok(padded(to: limit))),
        .refused("a page of 16 MiB and a byte", 65, .ok(padded(to: limit + 1))),
        .refused("16 MiB of opening brackets", 65, .ok([UInt8](repeating: UInt8(ascii: "["), count: limit))),
        .refused("16 MiB of quotes", 65, .ok([UInt8](repeating: UInt8(ascii: "\""), count: limit))),
        .refused("16 MiB of digits", 65, .ok([UInt8](repeating: UInt8(ascii: "7"), count: limit))),
    ]
}
