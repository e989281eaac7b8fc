/// Invites whose fields are not what the documentation says. They are taken as they are.
enum HostileFields {
    static let all = emails + words + dates + numbers + repeated + large

    /// A string that is sent as it stands, and found so in the column.
    private static func verbatim(_ name: String, _ text: String) -> HostileInput {
        .field(name, "email", "\"\(text)\"", column: text)
    }

    private static let emails: [HostileInput] = [
        verbatim("SQL", "a'); DROP TABLE invite; --@example.com"), verbatim("a script", "<script>alert(1)</script>"),
        verbatim("marks from right to left", "a\u{202E}moc.elpmaxe@\u{200F}b\u{2066}"),
        verbatim("composed", "\u{E9}@example.com"), verbatim("combining", "e\u{301}@example.com"),
        verbatim("a thousand accents", "e" + String(repeating: "\u{301}", count: 1000)),
        verbatim("emoji of many scalars", "👩‍👩‍👧‍👦🏴󠁧󠁢󠁷󠁬󠁳󠁿@example.com"),
        verbatim("no characters", String(decoding: [0xEF, 0xBF, 0xBE] as [UInt8], as: UTF8.self)),
        verbatim("a byte order mark", "\u{FEFF}a@example.com"), verbatim("DEL and C1", "a\u{7F}\u{80}\u{9F}"),
        verbatim("separators that JavaScript minds", "a\u{2028}b\u{2029}"), verbatim("empty", ""),
        verbatim("a word that is null", "null"), verbatim("a column's separator", "a|b"),
        .field("NUL", "email", #""a\u0000b""#, column: "a\0b"),
        .field("quotes and backslashes", "email", #""\"a\\\"""#, column: #""a\""#),
        .field("escapes that need not be", "email", #""\u0061\/\u00e9\u002F""#, column: "a/é/", canonical: #""a/é/""#),
        .field("a pair of escaped surrogates", "email", #""\uD83D\ude00""#, column: "😀", canonical: #""😀""#),
        .field("a lone surrogate", "email", #""a\uD800b""#, column: "a\u{FFFD}b", canonical: #""a\ud800b""#),
        .field(
            "surrogates the wrong way round", "email", #""\uDE00\uD83D""#, column: "\u{FFFD}\u{FFFD}",
            canonical: #""\ude00\ud83d""#),
        .field(
            "control characters", "email", #""\u0001\u0008\n\u000C\r\t\u001F""#,
            column: "\u{1}\u{8}\n\u{C}\r\t\u{1F}", canonical: #""\u0001\b\n\f\r\t\u001f""#),
        .field("missing", "email", nil, odd: 1), .field("null", "email", "null", odd: 1),
        .field("a number", "email", "42", column: "42", odd: 1),
        .field("false", "email", "false", column: "false", odd: 1),
        .field("an array", "email", #"[ "a" , 1 ]"#, column: #"["a",1]"#, canonical: #"["a",1]"#, odd: 1),
        .field(
            "an object", "email", #"{"b":1,"a":{"d":2,"c":3}}"#, column: #"{"a":{"c":3,"d":2},"b":1}"#,
            canonical: #"{"a":{"c":3,"d":2},"b":1}"#, odd: 1),
    ]

    private static let words: [HostileInput] = [
        .field("unknown", "status", #""declined""#, column: "declined", odd: 1),
        .field("in capitals", "status", #""PENDING""#, column: "PENDING", odd: 1),
        .field("with a space", "status", #""pending ""#, column: "pending ", odd: 1),
        .field("null", "status", "null", odd: 1), .field("missing", "status", nil, odd: 1),
        .field("true", "status", "true", column: "true", odd: 1),
        .field("in escapes", "status", #""\u0070ending""#, column: "pending", canonical: #""pending""#),
        .field("unknown", "role", #""wizard""#, column: "wizard", odd: 1), .field("null", "role", "null", odd: 1),
        .field("an array", "role", #"["user"]"#, column: #"["user"]"#, odd: 1),
        .field("another", "type", #""user""#, odd: 1), .field("missing", "type", nil, odd: 1),
        .field("null", "type", "null", odd: 1),
    ]

    private static func date(_ text: String, _ column: String? = nil) -> HostileInput {
        .field(text, "invited_at", "\"\(text)\"", column: column ?? text, odd: column == nil ? 1 : 0)
    }

    private static let dates: [HostileInput] = [
        date("2024-10-30T23:58:27Z", "2024-10-30T23:58:27.000000Z"),
        date("2024-10-30T23:58:27.4Z", "2024-10-30T23:58:27.400000Z"),
        date("2024-10-30T23:58:27.427722999Z", "2024-10-30T23:58:27.427722Z"),
        date("2024-10-30T23:58:27.\(String(repeating: "9", count: 1000))Z", "2024-10-30T23:58:27.999999Z"),
        date("2024-10-31T05:28:27.427722+05:30", "2024-10-30T23:58:27.427722Z"),
        date("2024-10-30T00:00:00-23:59", "2024-10-30T23:59:00.000000Z"),
        date("2024-10-30T23:58:27-00:00", "2024-10-30T23:58:27.000000Z"),
        date("2024-10-30t23:58:27z", "2024-10-30T23:58:27.000000Z"),
        date("2024-10-30 23:58:27Z", "2024-10-30T23:58:27.000000Z"),
        date("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"),
        date("0000-01-01T00:00:00Z", "0000-01-01T00:00:00.000000Z"),
        date("2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000000Z"),
        date("0000-01-01T00:00:00+00:01"), date("9999-12-31T23:59:59-00:01"), date("2024-10-30T24:00:00Z"),
        date("2016-12-31T23:59:60Z"), date("2024-02-30T00:00:00Z"), date("2023-02-29T00:00:00Z"),
        date("2024-13-01T00:00:00Z"), date("2024-00-01T00:00:00Z"), date("2024-10-00T00:00:00Z"),
        date("2024-10-30T23:58:27"), date("2024-10-30T23:58Z"), date("2024-10-30T23:58:27.Z"),
        date("2024-10-30T23:58:27,5Z"), date("2024-10-30T23:58:27+0530"), date("2024-10-30T23:58:27+24:00"),
        date("2024-10-30"), date("20241030T235827Z"), date("+02024-10-30T23:58:27Z"), date("-0001-10-30T23:58:27Z"),
        date("2024-10-30T23:58:27Z "), date(" 2024-10-30T23:58:27Z"), date("２024-10-30T23:58:27Z"), date(""),
        date("soon"), date("1730332707"),
        .field(
            "NUL behind it", "invited_at", #""2024-10-30T23:58:27Z\u0000""#, column: "2024-10-30T23:58:27Z\0", odd: 1),
        .field("null", "invited_at", "null", odd: 1), .field("missing", "invited_at", nil, odd: 1),
        .field("a number", "expires_at", "1730332707", column: "1730332707", odd: 1),
        .field("a number that overflows", "expires_at", "1e400", column: "1e400", odd: 1),
        .field("false", "expires_at", "false", column: "false", odd: 1),
        .field(
            "a date in an array", "expires_at", #"["2024-11-20T23:58:27Z"]"#, column: #"["2024-11-20T23:58:27Z"]"#,
            odd: 1),
        .field(
            "in escapes", "expires_at", #""2024-11-20\u005423:58:27\u005a""#, column: "2024-11-20T23:58:27.000000Z",
            canonical: #""2024-11-20T23:58:27Z""#),
    ]

    /// A name that the mirror meets for the first time is one irregularity.
    private static let numbers: [HostileInput] =
        [
            "1e400", "-1e400", "1e-400", "-0", "-0.0", "0e0", "1.0", "1", "1E+2", "123456789012345678901234567890",
            "-123456789012345678901234567890", "0.1000000000000000055511151231257827", "9007199254740993",
            "18446744073709551616", "1e1000000000000", String(repeating: "9", count: 100_000),
        ].map { .field(String($0.prefix(40)), "x", $0, odd: 1) }

    private static func twice(_ name: String, _ member: String, _ row: String, odd: Int = 1) -> HostileInput {
        let invite = Sample.invite().dropLast() + "," + member + "}"
        return HostileInput(
            name: name, answers: [.ok(Sample.page([String(invite)]))], exitStatus: 0, requests: 1,
            effect: .mirrored([row], irregularities: odd))
    }

    private static let repeated: [HostileInput] = [
        twice("an id twice, alike", #""id":"invite_1""#, Sample.row()),
        twice(
            "an id twice, of which the last counts", #""id":"invite_2""#,
            Sample.row(["id": #""invite_2""#], columns: ["id": "invite_2"])),
        twice(
            "a status twice, once in escapes", #""\u0073tatus":"deleted""#,
            Sample.row(["status": #""deleted""#], columns: ["status": "deleted"])),
        twice(
            "an email three times", #""email":1,"email":"b""#,
            Sample.row(["email": #""b""#], columns: ["email": "b"]), odd: 2),
        twice(
            "a name twice, deep inside", #""x":[{"y":1,"y":{"z":1,"z":2}}]"#, Sample.row(["x": #"[{"y":{"z":2}}]"#]),
            odd: 3),
        twice(
            "names that look alike", "\"e\u{301}\":1,\"\u{E9}\":2",
            // Swift's own dictionaries take the two for one.
            Sample.row(["e\u{301}": "1"]).dropLast() + ",\"\u{E9}\":2}", odd: 2),
        twice("an empty name", #""":1"#, Sample.row(["": "1"])),
        twice("a name with NUL", #""id\u0000":1"#, Sample.row([#"id\u0000"#: "1"])),
        twice("a name that is SQL", #""') --":1"#, Sample.row(["') --": "1"])),
        twice("a name with a quote", #""\"":1"#, Sample.row([#"\""#: "1"])),
        .refused("an id twice, the last of them a number", 65, .ok(Sample.page([#"{"id":"a","id":1}"#]))),
        .refused("an id twice, the last of them null", 65, .ok(Sample.page([#"{"id":"a","id":null}"#]))),
    ]

    private static let kibibytes = String(repeating: "x", count: 15 * 1024)
    private static let thousand = (0..<1000).map { number -> (json: String, row: String) in
        let (id, email) = ("invite_\(number)", "\(number)\(kibibytes)")
        let changes: [String: String?] = ["id": "\"\(id)\"", "email": "\"\(email)\""]
        return (Sample.invite(changes), Sample.row(changes, columns: ["id": id, "email": email]))
    }

    private static let large: [HostileInput] = [
        HostileInput(
            name: "1,000 invites of 15 KiB", answers: [.ok(Sample.page(thousand.map(\.json)))], exitStatus: 0,
            requests: 1, effect: .mirrored(thousand.map(\.row), irregularities: 0)),
        .field("of 1 MiB", "email", "\"\(mebibyte)\"", column: mebibyte),
        .field("of 1 MiB", "status", "\"\(mebibyte)\"", column: mebibyte, odd: 1),
        .field("a name of 1 MiB", mebibyte, "1", odd: 1),
    ]
    private static let mebibyte = String(repeating: "m", count: 1 << 20)
}
