/// Ids that no API should give.
enum HostileIDs {
    static let all = taken + refused

    private static func id(_ name: String, _ json: String, _ text: String, canonical: String? = nil) -> HostileInput {
        .field(name, "id", json, column: text, canonical: canonical)
    }

    private static func verbatim(_ name: String, _ text: String) -> HostileInput { id(name, "\"\(text)\"", text) }

    private static let taken: [HostileInput] = [
        verbatim("SQL", "'; DELETE FROM invite; --"), verbatim("an emoji", "🧨"), verbatim("one dot", "."),
        verbatim("two dots", ".."), verbatim("a way up", "../../../etc/passwd"), verbatim("slashes", "///"),
        verbatim("percent signs", "%2e%2e%2f%00%zz"), verbatim("a query", "a?limit=1&after_id=b#c"),
        verbatim("a space", " "), verbatim("from right to left", "\u{202E}1_etivni"),
        verbatim("of 1 MiB", String(repeating: "i", count: 1 << 20)), verbatim("a wildcard", "%_*?["),
        id("NUL alone", #""\u0000""#, "\0"), id("NUL inside", #""a\u0000b""#, "a\0b"),
        id("line ends", #""a\r\nx-api-key: b\r\n\r\n""#, "a\r\nx-api-key: b\r\n\r\n"),
        id("an escape sequence", #""\u001b[2J""#, "\u{1B}[2J"),
        id("a lone surrogate", #""\ud800""#, "\u{FFFD}"),
        id("a digit as a string", #""1""#, "1"),
        HostileInput(
            name: "ids that look alike", answers: [.ok(Sample.page(alike.map { Sample.invite(["id": "\"\($0)\""]) }))],
            exitStatus: 0, requests: 1,
            effect: .mirrored(
                alike.map { Sample.row(["id": "\"\($0)\""], columns: ["id": $0]) }, irregularities: 0)),
        HostileInput(
            name: "an id as a cursor: line ends, a query and SQL",
            answers: [
                .ok(Sample.page([Sample.invite(["id": #""a\r\n&limit=0' OR 1""#])], hasMore: "true")),
                .ok(Sample.page()),
            ], exitStatus: 0, requests: 2,
            effect: .mirrored(
                [
                    Sample.row(["id": #""a\r\n&limit=0' OR 1""#], columns: ["id": "a\r\n&limit=0' OR 1"]),
                    Sample.row(),
                ], irregularities: 0)),
    ]

    private static let alike = ["\u{E9}", "e\u{301}", "E\u{301}", "a", "A", "a ", "\u{430}", "\u{FF41}"]

    private static let refused: [HostileInput] = [
        ("missing", nil), ("empty", #""""#), ("null", "null"), ("a number", "42"), ("true", "true"),
        ("an array", #"["a"]"#),
        ("an object", "{}"), ("a number that overflows", "1e400"),
    ].map { name, json in
        .refused(
            "id: \(name)", 65, .ok(Sample.page([Sample.invite(["id": #""first""#]), Sample.invite(["id": json])])))
    }
}
