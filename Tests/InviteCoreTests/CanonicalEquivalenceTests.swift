import InviteCore
import Testing

/// JSON and SQLite compare code points; Swift's strings take two spellings of one letter for equal.
@Suite("Texts that look the same and are not")
struct CanonicalEquivalenceTests {
    private static let composed = "\u{E9}@example.com"
    private static let decomposed = "e\u{301}@example.com"

    @Test("are a change of a column, and of any other field", arguments: ["email", "team"])
    func change(name: String) throws {
        var reconciliation = Reconciliation(knownNames: documentedNames.union(["team"]))
        let change = reconciliation.compare(
            try known([name: JSONText(string: Self.composed).text]),
            with: try seen([name: JSONText(string: Self.decomposed).text]), by: source(),
            bounds: .init(shown: nil, lacked: nil))
        let events = (change?.events ?? []).map(EventShape.init)
        #expect(events == [EventShape(.fieldChanged, name, Self.composed, Self.decomposed)])
    }

    @Test("are two names of one object")
    func names() throws {
        var reconciliation = Reconciliation(knownNames: documentedNames)
        let fields = ["\u{E9}": "1", "status": #""accepted""#]
        let text = try seen(fields).document.text
        let both = try SeenInvite(decoding: Array((text.dropLast() + ",\"e\u{301}\":2}").utf8))
        let change = reconciliation.compare(
            try known(), with: both, by: source(), bounds: .init(shown: nil, lacked: nil))
        #expect(change.map { Array($0.invite.document.text.utf8) } == Array(both.document.text.utf8))
    }

    @Test("are the same only if every byte is, however many there are", arguments: 0...40)
    func bytes(count: Int) {
        let text = [UInt8](repeating: 0x61, count: count)
        func isSame(_ other: [UInt8]) -> Bool {
            text.withUnsafeBufferPointer { text in other.withUnsafeBufferPointer { text.isIdentical(to: $0) } }
        }
        #expect(isSame(text))
        #expect(!isSame(text + [0x61]))
        for place in text.indices {
            var other = text
            other[place] ^= 0x80
            #expect(!isSame(other))
        }
    }

    @Test("are told apart where they are lone surrogates in names")
    func loneSurrogates() throws {
        #expect(try canonical(#"{"\ud801":1,"\ud800":2}"#) == canonical(#"{"\ud800":2,"\ud801":1}"#))
        #expect(try canonical(#"{"\ud801":1,"\ud800":2,"\ud801":3}"#) == #"{"\ud800":2,"\ud801":3}"#)
    }

    @Test(
        "stay what they are when a document is made of its members again",
        arguments: [
            #"{"\ud800":1,"\ud801":2,"id":"a"}"#, #"{"\ud800":1,"�":2,"id":"a"}"#,
            #"{"\u0000":1,"\"":2,"A":3,"\\":4,"é":5,"é":6,"😀":7,"id":"a"}"#,
        ])
    func members(text: String) throws {
        let document = try SeenInvite(decoding: Array(text.utf8)).document
        let turned = InviteDocument(document.members.reversed())
        #expect(turned == document, "\(turned.text)")
    }
}
