import InviteMirror
import Testing

extension HostileTests {
    @Suite("A text of the API's own")
    struct Discretion {
        @Test(
            "gives a sentence for a person, without the secret",
            arguments: [
                ("the secret, listed twice", [Answer.twice("\"\(HostileMirror.secret)\"")]),
                ("an id of 1 MiB, listed twice", [Answer.twice("\"\(String(repeating: "i", count: 1 << 20))\"")]),
                ("an escape sequence, listed twice", [Answer.twice(#""\u001b[2J\r\n""#)]),
                (
                    "an error with a request-id of 8 KiB",
                    [.status("400 No", more: ["request-id: \(String(repeating: "r", count: 8192))"])]
                ),
                (
                    "an error with a request-id of one letter and 4,000 accents",
                    [.status("400 No", more: ["request-id: r\(String(repeating: "\u{301}", count: 4000))"])]
                ),
                (
                    "two organisations, of 8 KiB and from right to left",
                    [
                        Answer.organization(String(repeating: "o", count: 8192)), Answer.organization("\u{202E}\u{85}"),
                    ]
                ),
            ] as [(String, [Answer])])
        func sentence(name: String, answers: [Answer]) async throws {
            let mirror = try HostileMirror()
            var result = try await mirror.pass([answers[0]])
            if answers.count > 1 { result = try await mirror.pass([answers[1]]) }
            let sentence = try #require(result.failure?.description)
            // Not as expressions that would print a mebibyte.
            let isShort = sentence.utf8.count < 2048
            let isPlain =
                sentence.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
                && !sentence.unicodeScalars.contains("\u{202E}")
            let isDiscreet = try !sentence.contains(HostileMirror.secret) && !mirror.holds(HostileMirror.secret)
            #expect(isShort && isPlain && isDiscreet, "\(name)")
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

        @Test("is another organisation's name if only its bytes differ")
        func organization() async throws {
            let mirror = try HostileMirror()
            #expect(try await mirror.pass([Answer.organization("org_\u{E9}")]).failure == nil)
            let result = try await mirror.pass([Answer.organization("org_e\u{301}")])
            #expect(result.failure?.exitStatus == .refused && result.record.outcome == .refused)
        }
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
