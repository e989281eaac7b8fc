/// Answers that are odd as HTTP: statuses, headers, encodings, connections that end.
enum HostileTransport {
    static let all = statuses + redirects + encodings + framing + connections + headers + patience

    private static let page = Sample.page()
    private static let pageBytes = Array(page.utf8)
    private static let html = "<html><body>Bad Request</body></html>"

    private static let statuses: [HostileInput] = [
        .refused("204", 65, .raw("HTTP/1.1 204 No Content\nrequest-id: a\nconnection: close\n\n")),
        .refused("201 with a page", 65, .status("201 Created", page)),
        .refused("206 with half a page", 65, .status("206 Partial Content", String(page.prefix(40)))),
        .refused("207 with a page", 65, .status("207 Multi-Status", page)),
        .refused("400 with HTML", 65, .status("400 Bad Request", html)),
        .refused("400 with a page", 65, .status("400 Bad Request", page)),
        .refused("401 with a page", 77, .status("401 Unauthorized", page)),
        .refused("402", 69, .status("402 Payment Required")), .refused("403 with HTML", 77, .status("403 No", html)),
        .refused("404 with an empty body", 65, .status("404 Not Found", "")),
        .refused("405", 65, .status("405 Method Not Allowed")), .refused("407", 65, .status("407 Proxy", html)),
        .refused("408", 69, requests: 4, .status("408 Request Timeout")),
        .refused("409", 69, requests: 4, .status("409 Conflict")), .refused("410", 65, .status("410 Gone")),
        .refused("413", 65, .status("413 Content Too Large")), .refused("418", 65, .status("418 I'm a teapot")),
        .refused("451", 65, .status("451 Unavailable For Legal Reasons")),
        .refused("500 with a page", 69, requests: 4, .status("500 Internal Server Error", page)),
        .refused("501", 69, requests: 4, .status("501 Not Implemented")),
        .refused("511 with HTML", 69, requests: 4, .status("511 Network Authentication Required", html)),
        .refused("529", 69, requests: 4, .status("529 Overloaded")),
        .refused("600 with a page", 65, .status("600 Beyond", page)),
        .refused("999 with a page", 65, .status("999 No", page)),
        .refused("500 that says not to try again", 69, .status("500 No", more: ["x-should-retry: false"])),
        .refused("404 that says to try again", 65, .status("404 No", more: ["x-should-retry: true"])),
        .taken(
            "500 three times, then a page", requests: 4, .status("500 A"), .status("502 B"), .status("503 C"), .ok(page)
        ),
    ]

    private static let redirects: [HostileInput] = [
        "300 Multiple Choices", "301 Moved Permanently", "302 Found", "303 See Other", "304 Not Modified",
        "305 Use Proxy", "307 Temporary Redirect", "308 Permanent Redirect",
    ].map {
        .refused("\($0) to where it came from", 69, .status($0, page, more: ["location: /v1/organizations/invites"]))
    }

    /// gzip of the sample page would be bytes that are no JSON; nothing is unpacked, whatever the header says.
    private static let encodings: [HostileInput] = [
        .refused("a gzip bomb", 65, .ok(Gzip.bomb, more: ["content-encoding: gzip"])),
        .refused("a gzip bomb in disguise", 65, .ok(Gzip.bomb)),
        .refused("a gzip bomb in chunks", 65, .chunked(Gzip.bomb, by: 4096)),
        .refused("a page in gzip", 65, .ok(Gzip.stored(pageBytes), more: ["content-encoding: gzip"])),
        .refused(
            "a page in gzip, twice", 65,
            .ok(Gzip.stored(Gzip.stored(pageBytes)), more: ["content-encoding: gzip, gzip"])),
        .taken("a page that is said to be gzip", .ok(page, more: ["content-encoding: gzip"])),
        .taken("a page that is said to be br", .ok(page, more: ["content-encoding: br"])),
        .taken("a page that is said to be UTF-16", .ok(page, more: ["content-type: text/html; charset=utf-16"])),
    ]

    private static let framing: [HostileInput] = [
        .taken("a chunk for each byte", .chunked(pageBytes)),
        .taken("HTTP/1.0 without a content-length", .raw("HTTP/1.0 200 OK\n\n\(page)")),
        .taken("HTTP/1.1 without a content-length", .raw("HTTP/1.1 200 OK\nconnection: close\n\n\(page)")),
        .taken(
            "a byte at a time", Answer(parts: [.dribble(Answer.lines("HTTP/1.1 200 OK\nconnection: close\n\n\(page)"))])
        ),
        .taken("a content-length with zeros before it", sized("content-length: 000\(page.utf8.count)")),
        .refused("no content-length and half a page", 65, .raw("HTTP/1.1 200 OK\n\n\(page.prefix(40))")),
        .refused("a content-length of 0", 65, .ok("")),
        broken("a content-length one too large", sized("content-length: \(page.utf8.count + 1)")),
        broken("a content-length far too large", sized("content-length: 18446744073709551615")),
        broken("a content-length that overflows", sized("content-length: 18446744073709551617")),
        broken("a negative content-length", sized("content-length: -1")),
        broken("a content-length in hexadecimal", sized("content-length: 0x10")),
        broken("two content-lengths", sized("content-length: \(page.utf8.count)\ncontent-length: 2")),
        broken("a content-length and chunks", sized("content-length: 2\ntransfer-encoding: chunked")),
        broken("a chunk whose size is no number", chunks("zz\n\(page)\n0\n\n")),
        broken("a chunk whose size is negative", chunks("-5\n\(page)\n0\n\n")),
        broken("a chunk whose size overflows", chunks("ffffffffffffffffff\n\(page)\n0\n\n")),
        broken("a chunk that is longer than it says", chunks("2\n\(page)\n0\n\n")),
        broken("a chunk that is cut off", chunks("fff\n\(page)")),
        broken("chunks without an end", chunks("\(String(page.utf8.count, radix: 16))\n\(page)\n")),
    ]

    private static func broken(_ name: String, _ answer: Answer) -> HostileInput {
        .refused(name, 69, requests: 4, answer)
    }

    private static func sized(_ header: String) -> Answer {
        .raw("HTTP/1.1 200 OK\nconnection: close\n\(header)\n\n\(page)")
    }

    private static func chunks(_ body: String) -> Answer {
        .raw("HTTP/1.1 200 OK\nconnection: close\ntransfer-encoding: chunked\n\n\(body)")
    }

    private static let connections: [HostileInput] = [
        broken("nothing at all", .raw("")), broken("a reset", .raw("", end: .reset)),
        broken("a reset in the head", .raw("HTTP/1.1 200 OK\nreq", end: .reset)),
        broken("half a head", .raw("HTTP/1.1 200 OK\nreq")), broken("garbage", .raw("\0\u{1}hello\n\n")),
        broken("SSH", .raw("SSH-2.0-OpenSSH_9.6\n")), broken("HTTP/2", .raw("PRI * HTTP/2.0\n\nSM\n\n")),
        broken("a page without a head", .raw(page)), broken("a status that is none", .raw("HTTP/1.1 abc OK\n\n")),
        broken("HTTP/9.9", .raw("HTTP/9.9 200 OK\n\n\(page)")),
        .taken("a body that never ends, then a page", requests: 2, timeout: 1, endless, .ok(page)),
        .refused("a body that never ends", 69, requests: 4, timeout: 1, endless),
    ]

    private static let endless = Answer(parts: [.bytes(Answer.head("200 OK", ["content-length: 500"])), .hold])

    private static func header(_ name: String, _ line: String) -> HostileInput { .taken(name, .ok(page, more: [line])) }

    private static let headers: [HostileInput] = [
        .taken("100 headers", .ok(page, more: (0..<100).map { "x-\($0): a" })),
        broken("1,000 headers", .ok(page, more: (0..<1000).map { "x-\($0): a" })),
        broken(
            "10 MB of headers",
            .ok(page, more: (0..<1000).map { "x-\($0): \(String(repeating: "a", count: 10_000))" })),
        header("a header of bytes beyond ASCII", "x-odd: \u{E9}\u{202E}🧨"),
        header("a request-id of bytes beyond ASCII", "request-id: \u{E9}\u{202E}🧨"),
        header("a request-id that is empty", "request-id:"),
        header("a request-id that holds the secret", "request-id: a \(HostileMirror.secret) b"),
        header("an organisation with SQL", "anthropic-organization-id: '; DROP TABLE invite; --"),
        header("a retry-after with a page", "retry-after: 100000"),
        .refused(
            "an error whose request-id is the secret", 65,
            .ok(
                Array("{}".utf8), status: "400 No",
                headers: ["request-id: \(HostileMirror.secret)", "connection: close"])),
        .refused(
            "a page of another organisation, whose name is the secret", 75,
            .ok(pageBytes, headers: ["anthropic-organization-id: \(HostileMirror.secret)", "connection: close"])),
        broken("a header with NUL", .ok(page, more: ["x-odd: a\0b"])),
        broken("a header without a name", .ok(page, more: [": a"])),
        broken("a header name with a space", .ok(page, more: ["x odd: a"])),
    ]

    private static func asking(_ name: String, _ retryAfter: String, until instant: String) -> HostileInput {
        HostileInput(
            name: "retry-after: \(name)", answers: [.status("429 Later", more: ["retry-after: \(retryAfter)"])],
            exitStatus: 69, requests: 1, effect: .nothing(pause: instant))
    }

    private static let patience: [HostileInput] = [
        .refused("429 alone", 69, requests: 4, .status("429 Later")),
        .refused("429 with a page", 69, requests: 4, .status("429 Later", page, more: ["retry-after: 1"])),
        .refused("429 that says not to try again", 69, .status("429 No", more: ["x-should-retry: false"])),
        .refused(
            "429 that says not to try again, and when", 69,
            .status("429 No", more: ["retry-after: 2", "x-should-retry: false"])),
        .taken(
            "429 in four forms, then a page", requests: 4, .status("429 A", more: ["retry-after: 2"]),
            .status("429 B", more: ["retry-after-ms: 1500.5"]),
            .status("429 C", more: ["retry-after: Mon, 04 May 2026 10:21:40 GMT"]), .ok(page)),
        .taken(
            "retry-after-ms before retry-after", requests: 2,
            .status("429 Later", more: ["retry-after: 100000", "retry-after-ms: 20"]), .ok(page)),
        .taken(
            "retry-after of just the patience that there is", requests: 2,
            .status("429 Later", more: ["retry-after: 299"]), .ok(page)),
        asking("a day", "86400", until: "2026-05-05"),
        asking("a date", "Wed, 06 May 2026 00:00:00 GMT", until: "2026-05-06"),
        asking("a date of RFC 850", "Thursday, 07-May-26 00:00:00 GMT", until: "2026-05-07"),
        asking("a date of asctime", "Fri May  8 00:00:00 2026", until: "2026-05-08"),
        HostileInput(
            name: "retry-after-ms: a day", answers: [.status("529 Later", more: ["retry-after-ms: 86400000"])],
            exitStatus: 69, requests: 1, effect: .nothing(pause: "2026-05-05")),
        asking("more digits than fit: a hundred years", "99999999999999999999999999", until: "2126-04-10"),
        .refused("retry-after: negative", 69, requests: 4, .status("429 Later", more: ["retry-after: -5"])),
        .refused("retry-after: no number", 69, requests: 4, .status("429 Later", more: ["retry-after: NaN"])),
        .refused("retry-after: 1e9", 69, requests: 4, .status("429 Later", more: ["retry-after: 1e9"])),
        .refused(
            "retry-after: a date gone by", 69, requests: 4,
            .status("429 Later", more: ["retry-after: Sun, 06 Nov 1994 08:49:37 GMT"])),
        .refused(
            "retry-after: a date that is none", 69, requests: 4,
            .status("429 Later", more: ["retry-after: Sun, 31 Feb 2999 08:49:37 GMT"])),
    ]
}
