/// JSON that is no page, or a page that contradicts itself or others.
enum HostileShapes {
    static let all = noPage + deep + contradictions + extras

    private static func unreadable(_ name: String, _ body: String) -> HostileInput { .refused(name, 65, .ok(body)) }

    private static let noPage: [HostileInput] =
        [
            ("an array", "[]"), ("a string", #""data""#), ("a number", "42"), ("null", "null"), ("an object", "{}"),
            ("an error with status 200", #"{"type":"error","error":{"type":"api_error","message":"no"}}"#),
            ("no data", #"{"has_more":false}"#), ("data in capitals", #"{"DATA":[],"has_more":false}"#),
            ("data null", #"{"data":null,"has_more":false}"#), ("data an object", #"{"data":{},"has_more":false}"#),
            ("data a string", #"{"data":"[]","has_more":false}"#), ("data true", #"{"data":true,"has_more":false}"#),
            ("an array in data", #"{"data":[[]],"has_more":false}"#),
            ("null in data", Sample.page([Sample.invite(), "null"])),
            ("a string in data", Sample.page([#""invite_1""#])),
            ("no has_more", #"{"data":[]}"#), ("has_more null", Sample.page(hasMore: "null")),
            ("has_more a string", Sample.page(hasMore: #""true""#)), ("has_more 1", Sample.page(hasMore: "1")),
            ("has_more an array", Sample.page(hasMore: "[true]")),
            ("data twice", Sample.page(more: #","data":[]"#)),
            ("data twice, once in escapes", Sample.page(more: #","\u0064\u0061ta":[]"#)),
            ("has_more twice, alike", Sample.page(more: #","has_more":false"#)),
            ("last_id twice", Sample.page(more: #","last_id":"invite_1","last_id":"invite_1""#)),
        ].map(unreadable)

    private static func nested(_ depth: Int, _ inner: String = "") -> String {
        String(repeating: "[", count: depth) + inner + String(repeating: "]", count: depth)
    }

    private static func objects(_ depth: Int) -> String {
        String(repeating: #"{"a":"#, count: depth) + "1" + String(repeating: "}", count: depth)
    }

    private static let deep: [HostileInput] = [
        .taken("512 arrays deep", .ok(Sample.page(more: ",\"x\":\(nested(511))"))),
        .taken("513 arrays deep, the page included", .ok(Sample.page(more: ",\"x\":\(nested(512))"))),
        unreadable("514 arrays deep, the page included", Sample.page(more: ",\"x\":\(nested(513))")),
        unreadable("100,000 arrays deep", Sample.page(more: ",\"x\":\(nested(100_000))")),
        unreadable("100,000 objects deep", Sample.page(more: ",\"x\":\(objects(100_000))")),
        unreadable("100,000 arrays without an end", String(repeating: "[", count: 100_000)),
        .field("510 arrays deep", "x", nested(510), odd: 1),
        unreadable("511 arrays deep in an invite", Sample.page([Sample.invite(["x": nested(511)])])),
        .field("509 objects deep", "x", objects(509), odd: 1),
    ]

    /// The listing starts again three times, in vain.
    private static func contradiction(_ name: String, _ answers: Answer..., requests: Int = 4) -> HostileInput {
        HostileInput(name: name, answers: answers, exitStatus: 65, requests: requests, effect: .nothing())
    }

    private static func lastID(_ json: String) -> Answer { .ok(Sample.page(more: ",\"last_id\":\(json)")) }

    private static let contradictions: [HostileInput] = [
        contradiction("last_id of another invite", lastID(#""invite_2""#)),
        contradiction("last_id null below invites", lastID("null")), contradiction("last_id a number", lastID("1")),
        contradiction("last_id an array", lastID(#"["invite_1"]"#)), contradiction("last_id empty", lastID(#""""#)),
        contradiction("last_id true", lastID("true")),
        contradiction("an id twice in a page", .ok(Sample.page([Sample.invite(), Sample.invite()]))),
        contradiction(
            "ids that differ in a lone surrogate only",
            .ok(Sample.page([Sample.invite(["id": #""\ud800""#]), Sample.invite(["id": #""\udfff""#])]))),
        contradiction("an empty page that says there is more", .ok(Sample.page([], hasMore: "true"))),
        contradiction("the same page for ever", .ok(Sample.page(hasMore: "true")), requests: 8),
        .taken("last_id right", lastID(#""invite_1""#)),
        .taken("last_id the documentation's placeholder", lastID(#""last_id""#)),
        .taken("last_id in escapes", lastID(#""\u0069nvite_1""#)),
        .taken(
            "one page that contradicts itself, then an honest one", requests: 2, lastID("null"), .ok(Sample.page())),
    ]

    private static let extras: [HostileInput] = [
        .taken("names that nobody knows", .ok(Sample.page(more: #","x":{"data":[1]},"":null,"first_id":7"#))),
        .taken("an unknown name twice", .ok(Sample.page(more: #","x":1,"x":2"#))),
        .taken("a name with NUL", .ok(Sample.page(more: #","has_more\u0000":true"#))),
        .taken("a name with a lone surrogate", .ok(Sample.page(more: #","data\ud800":null"#))),
        .taken("the page's names in escapes", .ok(Sample.page().replacing("data", with: #"\u0064ata"#))),
        .taken("white space wherever it may be", .ok(Sample.page().replacing(",", with: " ,\r\n\t"))),
        .taken("a prototype", .ok(Sample.page(more: #","__proto__":{"has_more":true}"#))),
        .taken("10,000 names that nobody knows", .ok(Sample.page(more: (0..<10_000).map { ",\"\($0)\":0" }.joined()))),
    ]
}
