/// What a connection gets for its request: bytes, whatever they are, and how it ends.
struct Answer: Sendable {
    var parts: [Part]
    var end = End.close

    enum Part: Sendable {
        case bytes([UInt8])
        /// Each byte on its own.
        case dribble([UInt8])
        /// A filler of so many bytes, which is never all in memory.
        case filler(Int)
        /// Nothing more, until the client hangs up.
        case hold
    }

    enum End: Sendable { case close, reset }

    static let requestID = "req_hostile"
    static let organization = "org_hostile"
    static let headers = [
        "content-type: application/json", "request-id: \(requestID)", "anthropic-organization-id: \(organization)",
        "connection: close",
    ]

    /// An answer that is well-formed HTTP, with the right content-length.
    static func ok(
        _ body: [UInt8], status: String = "200 OK", headers: [String] = headers, more: [String] = []
    ) -> Answer {
        let all = headers + more + ["content-length: \(body.count)"]
        return Answer(parts: [.bytes(head(status, all) + body)])
    }

    static func ok(_ body: String, more: [String] = []) -> Answer { ok(Array(body.utf8), more: more) }

    static func status(_ status: String, _ body: String = "{}", more: [String] = []) -> Answer {
        ok(Array(body.utf8), status: status, more: more)
    }

    /// Bytes as they are; `\r\n` stand where the text has a line feed.
    static func raw(_ text: String, end: End = .close) -> Answer {
        Answer(parts: [.bytes(lines(text))], end: end)
    }

    /// A body in chunks of so many bytes.
    static func chunked(_ body: [UInt8], by size: Int = 1) -> Answer {
        var bytes = head("200 OK", headers + ["transfer-encoding: chunked"])
        for start in stride(from: 0, to: body.count, by: size) {
            let chunk = body[start..<min(start + size, body.count)]
            bytes += Array((String(chunk.count, radix: 16) + "\r\n").utf8) + chunk + Array("\r\n".utf8)
        }
        return Answer(parts: [.bytes(bytes + Array("0\r\n\r\n".utf8))])
    }

    static func head(_ status: String, _ headers: [String]) -> [UInt8] {
        lines("HTTP/1.1 \(status)\n" + headers.map { $0 + "\n" }.joined() + "\n")
    }

    static func lines(_ text: String) -> [UInt8] {
        text.utf8.flatMap { $0 == 0x0A ? [0x0D, 0x0A] : [$0] }
    }
}
