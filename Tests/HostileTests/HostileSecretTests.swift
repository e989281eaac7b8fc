import InviteMirror
import Testing

extension HostileTests {
    @Suite("A text of the API's own")
    struct Discretion {
        @Test(
            "gives a sentence for a person, without the secret",
            arguments: [
                QuotedText("the secret, listed twice", .twice("\"\(HostileMirror.secret)\"")),
                QuotedText("an id of 1 MiB, listed twice", .twice("\"\(String(repeating: "i", count: 1 << 20))\"")),
                QuotedText("an escape sequence, listed twice", .twice(#""\u001b[2J\r\n""#)),
                QuotedText(
                    "an error with a request-id of 8 KiB",
                    .status("400 No", more: ["request-id: \(String(repeating: "r", count: 8192))"])),
                QuotedText(
                    "an error with a request-id of one letter and 4,000 accents",
                    .status("400 No", more: ["request-id: r\(String(repeating: "\u{301}", count: 4000))"])),
                QuotedText(
                    "two organisations, of 8 KiB and from right to left",
                    .organization(String(repeating: "o", count: 8192)), .organization("\u{202E}\u{85}")),
            ])
        func sentence(row: QuotedText) async throws {
            let mirror = try HostileMirror()
            for answer in row.answers.dropLast() { #expect(try await mirror.pass([answer]).failure == nil) }
            let result = try await mirror.pass(row.answers.suffix(1))
            let sentence = try #require(result.failure?.description)
            // Not as expressions that would print a mebibyte.
            let isShort = sentence.utf8.count < 2048
            let isPlain =
                sentence.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
                && !sentence.unicodeScalars.contains("\u{202E}")
            let isDiscreet = try !sentence.contains(HostileMirror.secret) && !mirror.holds(HostileMirror.secret)
            #expect(isShort && isPlain && isDiscreet)
        }

        @Test(
            "leaves the secret out of the database",
            arguments: [
                ("with an accent", "request-id: \(HostileMirror.secret)\u{301}"),
                ("behind a number sign of Arabic", "request-id: \u{600}\(HostileMirror.secret)"),
                ("in an organisation", "anthropic-organization-id: \(HostileMirror.secret)\u{FE0F}"),
            ])
        func headers(name: String, header: String) async throws {
            let mirror = try HostileMirror()
            #expect(try await mirror.pass([.ok(Sample.page(), more: [header])]).failure == nil)
            let isDiscreet = try !mirror.holds(HostileMirror.secret)
            #expect(isDiscreet, "\(name)")
        }

        @Test("that is the secret, in a field, is not taken in", arguments: ["email", "id", "note"])
        func field(name: String) async throws {
            let mirror = try HostileMirror()
            for spelling in [HostileMirror.secret, HostileMirror.secret.replacing("-", with: "\\u002d")] {
                let invite = Sample.invite([name: "\"\(spelling)\""])
                let result = try await mirror.pass([.ok(Sample.page([invite]))])
                #expect(result.failure?.exitStatus == .data && result.record.counts.requests == 1)
                #expect(result.failure?.description.contains("the answer holds the secret itself") == true)
                let isDiscreet = try mirror.contents().isEmpty && !mirror.holds(HostileMirror.secret)
                #expect(isDiscreet)
            }
        }

        @Test("that is the secret, in an error, leaves the error as it is, without its body")
        func error() async throws {
            let server = try RawServer()
            server.play([.status("401 No", "{\"error\":{\"message\":\"not valid: \(HostileMirror.secret)\"}}")])
            let settings = try Settings(flags: ["api.base-url": server.baseURL], environment: [:], file: nil)
            let response = try await HTTPTransport.with(
                settings: settings, secret: Secret(.key, HostileMirror.secret, from: "the tests"), environment: [:]
            ) { try await $0.send(APIRequest("GET", "/v1/organizations/invites")) }
            let isDiscreet = response.body.isEmpty
            #expect(response.status == 401 && isDiscreet)
        }

        @Test("is another organisation's name if only its bytes differ")
        func organization() async throws {
            let mirror = try HostileMirror()
            #expect(try await mirror.pass([Answer.organization("org_\u{E9}")]).failure == nil)
            let result = try await mirror.pass([Answer.organization("org_e\u{301}")])
            #expect(result.failure?.exitStatus == .refused && result.record.outcome == .refused)
        }
    }
}

/// Answers with a text that the sentence about the last of them must not quote as it is.
struct QuotedText: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let answers: [Answer]

    init(_ name: String, _ answers: Answer...) {
        testDescription = name
        self.answers = answers
    }
}

extension Answer {
    fileprivate static func twice(_ id: String) -> Answer {
        let invite = Sample.invite(["id": id])
        return .ok(Sample.page([invite, invite]))
    }

    fileprivate static func organization(_ text: String) -> Answer {
        .ok(Array(Sample.page().utf8), headers: ["anthropic-organization-id: \(text)", "connection: close"])
    }
}
