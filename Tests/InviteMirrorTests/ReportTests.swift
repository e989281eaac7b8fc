import Foundation
import InviteCore
import Testing

@testable import InviteMirror

@Suite struct ReportTests {
    @Test("the report of a watched period is complete, verified, adds up, and is the same twice in every format")
    func complete() throws {
        let mirror = try TestMirror()
        try mirror.fill()
        for format in ReportWriter.Format.allCases {
            let (report, text) = try mirror.report(format)
            #expect(report.isComplete && report.isVerified == true && report.ledger.addsUp)
            #expect(try mirror.report(format).text == text)
            #expect(!text.isEmpty)
        }
        let ledger = try mirror.report(.json).report.ledger
        #expect(ledger.appeared == 5 && ledger.openAtEnd == 1 && ledger.closed[.deletedInferred] == 1)
        #expect(ledger.closed[.accepted] == 2 && ledger.closedWhenFirstSeen[.accepted] == 1)
        // The end of one period is the start of the next.
        #expect(try mirror.report(.json, to: 2).report.ledger.openAtEnd == 1)
        #expect(try mirror.report(.json, from: 2).report.ledger.openAtStart == 1)
    }

    @Test("a period that was not watched to its end is INCOMPLETE, and the report says so first")
    func incomplete() throws {
        let mirror = try TestMirror()
        try mirror.fill()
        let (report, text) = try mirror.report(.html, to: 10)
        #expect(!report.isComplete && report.gaps.count == 1)
        let verdict = try #require(text.range(of: "<strong>INCOMPLETE</strong>"))
        #expect(verdict.lowerBound < (try #require(text.range(of: "<main>"))).lowerBound)
    }

    @Test("an altered log makes a report that says it is not verified")
    func unverified() throws {
        let mirror = try TestMirror()
        try mirror.fill()
        try mirror.tamper("UPDATE invite_event SET request_id = 'x' WHERE seq = 3")
        let (report, text) = try mirror.report(.html)
        #expect(report.isVerified == false && text.contains("<strong>NOT VERIFIED</strong>"))
    }

    /// Markup, formulas, Markdown, marks that turn the direction of writing, and a combining mark after a quotation
    /// mark, which joins it into one grapheme cluster.
    static let hostile = [
        "<script>alert(1)</script>@evil.example", "\"\u{301} onload=\"alert(1)@evil.example",
        "=HYPERLINK(\"http://evil.example\")", "+1+cmd|' /C calc'!A0", "@SUM(A1)", "-2+3",
        "ann\u{202e}moc.elpmaxe@evil.example", "x|y`z`[a](http://evil.example)![b](javascript:1)@e.example",
        "a\r\n=1@evil.example", "</style><img src=x onerror=alert(1)>@e.example", "{{secret}}@e.example",
        "a\u{0}b\u{200b}@e.example",
    ]

    @Test("hostile addresses are harmless in all four formats")
    func harmless() throws {
        let mirror = try TestMirror()
        let invites = Self.hostile.enumerated().map { index, email in TestMirror.invite("h\(index)", email: email) }
        try mirror.pass(day: 0, invites)

        let html = try mirror.report(.html).text
        for part in ["<script", "<img", "onload=\"", "\u{202e}", "\u{200b}", "\"\u{301}"] {
            #expect(!html.contains(part) && html.range(of: part, options: .literal) == nil, "\(part)")
        }
        #expect(html.contains("&lt;script&gt;alert(1)") && html.contains("{{secret}}@e.example"))

        let csv = try mirror.report(.csv).text
        for line in csv.components(separatedBy: "\r\n").dropFirst() where !line.isEmpty {
            for cell in line.dropFirst().dropLast().components(separatedBy: "\",\"") {
                #expect(!"=+-@".contains(cell.first ?? "x"), "\(cell)")
            }
        }
        #expect(!csv.unicodeScalars.contains("\u{202e}"))

        let json = try mirror.report(.json).text
        #expect(!json.unicodeScalars.contains("\u{202e}") && !json.contains("<script"))
        let object = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
        let changes = try #require(object["changes"] as? [[String: Any]])
        let emails = changes.compactMap { $0["email"] as? String }
        #expect(emails.map { Array($0.utf16) } == Self.hostile.map { Array($0.utf16) })

        let markdown = try mirror.report(.markdown).text
        for part in ["<script", "<img", "](http", "`z`", "\u{202e}"] { #expect(!markdown.contains(part), "\(part)") }
        // Eight cells in each row of findings and changes, whatever stands in them.
        for line in markdown.split(separator: "\n") where line.hasPrefix("| ") && line.contains("evil") {
            #expect(line.split(separator: "|", omittingEmptySubsequences: false).count == 10, "\(line)")
        }
    }

    @Test("the policy finds domains, roles, stale ones, repeated addresses and those gone after acceptance")
    func findings() throws {
        let mirror = try TestMirror()
        let repeated = (0..<3).map { TestMirror.invite("r\($0)", email: "R@example.com") }
        let accepted = TestMirror.invite("gone", status: "accepted")
        try mirror.pass(
            day: 0,
            repeated + [
                accepted, TestMirror.invite("out", email: "a@sub.example.com"),
                TestMirror.invite("boss", role: "admin"),
                TestMirror.invite("old", day: -20),
            ])
        try mirror.pass(
            day: 1,
            repeated + [
                TestMirror.invite("out", email: "a@sub.example.com"), TestMirror.invite("boss", role: "admin"),
                TestMirror.invite("old", day: -20),
            ])
        let findings = try mirror.report(.json, to: 2).report.findings
        let found = findings.map { "\($0.rule.rawValue) \($0.inviteID)" }
        #expect(
            found == [
                "outside_domain out", "privileged_role boss", "stale old", "repeated ", "gone_after_accepted gone",
            ])
    }
}

@Suite struct AddressTests {
    @Test(
        "a domain is allowed byte for byte, but for the case of A to Z",
        arguments: [
            ("ann@Example.COM", true), ("ann@example.com.evil", false), ("ann@eu.example.org", true),
            ("ann@example.org", false), ("ann@evilexample.org", false), ("ann", false), ("@example.com", true),
            // The Kelvin sign, which Unicode takes for a k; a decomposed letter; a mark that joins the at sign.
            ("ann@o\u{212A}.example", false), ("ann@ok.example", true), ("ann@e\u{301}.example", false),
            ("ann@\u{E9}.example", true), ("ann@\u{301}example.com", false),
        ])
    func domains(email: String, isAllowed: Bool) {
        let policy = Settings.Policy(
            allowedDomains: ["example.com", ".example.org", "ok.example", "\u{E9}.example"], privilegedRoles: [],
            staleAfterDays: 14)
        #expect(policy.allows(email) == isAllowed)
    }

    @Test("addresses are the same again and again byte for byte, but for the case of A to Z")
    func repeated() throws {
        let mirror = try TestMirror()
        let composed = (0..<3).map { TestMirror.invite("c\($0)", email: "Ren\u{E9}@example.com") }
        let decomposed = (0..<2).map { TestMirror.invite("d\($0)", email: "Rene\u{301}@example.com") }
        let cases = ["ann@example.com", "Ann@example.com", "ANN@EXAMPLE.COM"].enumerated().map {
            TestMirror.invite("a\($0)", email: $1)
        }
        try mirror.pass(day: 0, composed + decomposed + cases)
        let found = try mirror.report(.json).report.findings.filter { $0.rule == .repeated }
        #expect(
            found.compactMap { $0.email.map { Array($0.utf8) } }
                == ["ann@example.com", "ren\u{E9}@example.com"].map {
                    Array($0.utf8)
                })
    }
}

@Suite struct AsOfTests {
    @Test("the mirror as of an instant and the difference of two are what the view says")
    func asOf() throws {
        let mirror = try TestMirror()
        try mirror.fill()
        try Self.expectView(of: mirror)
    }

    /// Holds the two queries against the view, which says the same by another way, at many instants.
    static func expectView(of mirror: TestMirror) throws {
        let instants = stride(from: -12, to: 100, by: 6).map { TestMirror.start + .seconds($0 * 3600) }
        try MirrorReader(path: mirror.path).read { db in
            var states: [[String: String]] = []
            for instant in instants {
                for status in [nil, "pending", "deleted"] {
                    let query = MirrorQuery.versions(at: instant, status: status)
                    var (fast, view) = ([String](), [String]())
                    try db.run(query.sql, query.values) { fast.append($0.json) }
                    try db.run(
                        """
                        SELECT * FROM invite_version WHERE valid_from <= ?1 AND (valid_to > ?1 OR valid_to IS NULL)
                        AND (?2 IS NULL OR status = ?2) ORDER BY invite_id
                        """, [.text(instant.description), .optional(status)]
                    ) { view.append($0.json) }
                    #expect(fast == view)
                }
                var state: [String: String] = [:]
                let query = MirrorQuery.versions(at: instant, status: nil)
                try db.run(query.sql, query.values) { row in
                    state[row.text(0) ?? ""] = (1...4).map { row.text($0) ?? "∅" }.joined(separator: "|")
                }
                states.append(state)
            }
            for (from, before) in states.enumerated() {
                for (to, after) in states.enumerated() where from <= to {
                    let query = MirrorQuery.difference(from: instants[from], to: instants[to])
                    var found: [String: [String]] = [:]
                    try db.run(query.sql, query.values) { row in
                        found[row.text(0) ?? ""] = [1, 2].map { side in
                            stride(from: side, to: 9, by: 2).map { row.text($0) ?? "∅" }.joined(separator: "|")
                        }
                    }
                    let none = "∅|∅|∅|∅"
                    let ids = Set(before.keys).union(after.keys).filter { before[$0] != after[$0] }
                    #expect(
                        found
                            == Dictionary(
                                uniqueKeysWithValues: ids.map { id in
                                    (id, [before[id] ?? none, after[id] ?? none])
                                }))
                }
            }
        }
    }
}
