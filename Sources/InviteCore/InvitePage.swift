/// An invite as one answer shows it.
package struct SeenInvite: Sendable, Equatable {
    /// What stands in the answer, canonical: all invites of a page share it.
    private let texts: [UInt8]
    private let places: Places
    /// Values that are not what the API's documentation describes: a field missing, null or of another type,
    /// a date that is none, a status, role or type unknown to this version, a name sent twice.
    package var irregularities: Int { places.irregularities }
    /// When it was sent; nil where the answer does not say so in a way that can be read.
    package var invitedAt: Timestamp? { places.invitedAt }

    /// Where its texts stand, and what was found out when they were read.
    fileprivate struct Places: Sendable, Equatable {
        let id: Range<Int>
        let document: Range<Int>
        let irregularities: Int
        let invitedAt: Timestamp?
    }

    fileprivate init(_ texts: [UInt8], _ places: Places) {
        self.texts = texts
        self.places = places
    }

    package init(id: String, document: InviteDocument, irregularities: Int, invitedAt: Timestamp? = nil) {
        texts = Array(id.utf8) + Array(document.text.utf8)
        let end = id.utf8.count
        places = Places(
            id: 0..<end, document: end..<texts.count, irregularities: irregularities, invitedAt: invitedAt)
    }

    package var id: String { String(decoding: texts[places.id], as: UTF8.self) }

    /// All of the answer's object, canonical.
    package var document: InviteDocument {
        InviteDocument(canonical: String(decoding: texts[places.document], as: UTF8.self))
    }

    /// Calls `body` with the bytes of the id, without making a string of them.
    package func withID<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        texts.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[places.id])) }
    }

    /// Calls `body` with the bytes of the document, without making a string of them.
    package func withDocument<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        texts.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[places.document])) }
    }

    package static func == (left: SeenInvite, right: SeenInvite) -> Bool {
        left.id.isIdentical(to: right.id) && left.document == right.document
            && left.irregularities == right.irregularities && left.invitedAt == right.invitedAt
    }
}

/// One page of List Invites, as the API returns it.
package struct InvitePage: Sendable, Equatable {
    package let invites: [SeenInvite]
    package let hasMore: Bool
    /// What the page says its last id is.
    package let lastID: LastID

    package enum LastID: Sendable, Equatable {
        case unsaid
        case none
        case id(ExactText)
    }

    package init(invites: [SeenInvite], hasMore: Bool, lastID: LastID) {
        self.invites = invites
        self.hasMore = hasMore
        self.lastID = lastID
    }
}

/// An answer that cannot be read: why, and at which place of it.
package struct UndecodableAnswer: Error, Equatable, CustomStringConvertible {
    package let description: String
}

extension InvitePage {
    /// Reads a page. Only what the listing cannot do without is required: an object with an array `data` of objects
    /// that have a non-empty string `id`, and a boolean `has_more`, each once.
    package init(decoding body: [UInt8]) throws(UndecodableAnswer) {
        do {
            self = try JSONScanner.scan(body) { scanner in try Self.read(&scanner) }
        } catch let error as JSONError {
            throw UndecodableAnswer(description: "it is not JSON at byte \(error.offset): \(error.reason)")
        } catch let error as UndecodableAnswer {
            throw error
        } catch {
            throw UndecodableAnswer(description: "\(error)")
        }
    }

    private static func read(_ scanner: inout JSONScanner) throws -> InvitePage {
        guard scanner.peek() == UInt8(ascii: "{") else {
            _ = try rest(of: &scanner)
            throw UndecodableAnswer(description: "it is no JSON object")
        }
        var invites: [SeenInvite]?
        var hasMore: Bool?
        var lastID: LastID?
        try scanner.eachMember { scanner, name in
            switch name {
            case "data":
                guard invites == nil else { throw UndecodableAnswer(description: "it has two `data`") }
                invites = try readInvites(&scanner)
            case "has_more":
                guard hasMore == nil else { throw UndecodableAnswer(description: "it has two `has_more`") }
                switch try scanner.text() {
                case "true": hasMore = true
                case "false": hasMore = false
                default: throw UndecodableAnswer(description: "its `has_more` is not a boolean")
                }
            case "last_id":
                guard lastID == nil else { throw UndecodableAnswer(description: "it has two `last_id`") }
                lastID = LastID(JSONText(canonical: try scanner.text()))
            default: _ = try scanner.text()
            }
        }
        try scanner.expectEnd()
        guard let invites else { throw UndecodableAnswer(description: "it has no `data`") }
        guard let hasMore else { throw UndecodableAnswer(description: "it has no `has_more`") }
        return InvitePage(invites: invites, hasMore: hasMore, lastID: lastID ?? .unsaid)
    }

    private static func rest(of scanner: inout JSONScanner) throws -> String {
        let text = try scanner.text()
        try scanner.expectEnd()
        return text
    }

    private static func readInvites(_ scanner: inout JSONScanner) throws -> [SeenInvite] {
        guard scanner.peek() == UInt8(ascii: "[") else {
            throw UndecodableAnswer(description: "its `data` is not an array")
        }
        var places: [SeenInvite.Places] = []
        var texts: [UInt8] = []
        texts.reserveCapacity(scanner.remainingCount)
        var members = JSONMembers()
        try scanner.array { scanner, index in
            do {
                places.append(try SeenInvite.Places(reading: &scanner, into: &texts, by: &members, depth: 2))
            } catch let error as UndecodableAnswer {
                throw UndecodableAnswer(description: "invite \(index + 1) of `data`: \(error.description)")
            }
        }
        return places.map { SeenInvite(texts, $0) }
    }
}

extension InvitePage.LastID {
    /// The documentation's sample page says `"last_id": "last_id"`: a placeholder, which names no invite.
    fileprivate init(_ value: JSONText) {
        switch value.text {
        case "null": self = .none
        case "\"last_id\"": self = .unsaid
        default: self = .id(ExactText(value.column ?? ""))
        }
    }
}

extension SeenInvite {
    /// Reads an answer of Get Invite.
    package init(decoding body: [UInt8]) throws(UndecodableAnswer) {
        do {
            self = try JSONScanner.scan(body) { scanner in
                var (texts, members) = ([UInt8](), JSONMembers())
                let places = try Places(reading: &scanner, into: &texts, by: &members, depth: 0)
                try scanner.expectEnd()
                return SeenInvite(texts, places)
            }
        } catch let error as JSONError {
            throw UndecodableAnswer(description: "it is not JSON at byte \(error.offset): \(error.reason)")
        } catch let error as UndecodableAnswer {
            throw error
        } catch {
            throw UndecodableAnswer(description: "\(error)")
        }
    }

}

extension SeenInvite.Places {
    /// Reads an object and appends its texts; `members` is room to work in.
    fileprivate init(
        reading scanner: inout JSONScanner, into texts: inout [UInt8], by members: inout JSONMembers, depth: Int
    ) throws {
        guard scanner.peek() == UInt8(ascii: "{") else {
            _ = try scanner.text()
            throw UndecodableAnswer(description: "it is no JSON object")
        }
        let repeatedBefore = scanner.repeatedNames
        try scanner.take(&members, depth: depth)
        var check = FieldCheck()
        let start = texts.count
        members.each { check.take($0, $1, idInto: &texts) }
        guard texts.count > start else {
            throw UndecodableAnswer(description: "its `id` is missing or not a non-empty string")
        }
        let end = texts.count
        members.write(into: &texts)
        self.init(
            id: start..<end, document: end..<texts.count,
            irregularities: check.irregularities + (scanner.repeatedNames - repeatedBefore),
            invitedAt: check.invitedAt)
    }
}

/// Looks at an invite's fields for what the documentation does not describe.
private struct FieldCheck {
    var invitedAt: Timestamp?
    private var odd = 0
    private var regularOrOdd = 0

    /// The fields that the documentation gives every invite, besides `id`.
    private static let documentedCount = 6

    /// A documented field that is missing is an irregularity too.
    var irregularities: Int { odd + Self.documentedCount - regularOrOdd }

    mutating func take(
        _ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>, idInto id: inout [UInt8]
    ) {
        switch name.count {
        case 2 where Self.equal(name, "id"):
            guard value.count > 2, value[0] == UInt8(ascii: "\"") else { return }
            let inner = value[1..<value.count - 1]
            if inner.contains(UInt8(ascii: "\\")) {
                id.append(contentsOf: JSONText.unescape(inner).utf8)
            } else {
                id.append(contentsOf: inner)
            }
        case 4 where Self.equal(name, "role"): judge(Self.isOne(of: Self.roles, value))
        case 4 where Self.equal(name, "type"): judge(Self.isOne(of: Self.types, value))
        case 5 where Self.equal(name, "email"): judge(value.first == UInt8(ascii: "\""))
        case 6 where Self.equal(name, "status"): judge(Self.isOne(of: Self.statuses, value))
        case 10 where Self.equal(name, "expires_at"): judge(Self.date(value) != nil)
        case 10 where Self.equal(name, "invited_at"):
            invitedAt = Self.date(value)
            judge(invitedAt != nil)
        default: break
        }
    }

    private mutating func judge(_ isRegular: Bool) {
        regularOrOdd += 1
        if !isRegular { odd += 1 }
    }

    private static let types: [StaticString] = ["\"invite\""]
    private static let statuses: [StaticString] = ["\"pending\"", "\"accepted\"", "\"expired\"", "\"deleted\""]
    /// The five of the first documentation and the four that newer ones add.
    private static let roles: [StaticString] = [
        "\"user\"", "\"developer\"", "\"billing\"", "\"admin\"", "\"claude_code_user\"",
        "\"managed\"", "\"owner\"", "\"primary_owner\"", "\"membership_admin\"",
    ]

    private static func isOne(of words: [StaticString], _ value: UnsafeBufferPointer<UInt8>) -> Bool {
        words.contains { equal(value, $0) }
    }

    private static func equal(_ bytes: UnsafeBufferPointer<UInt8>, _ word: StaticString) -> Bool {
        guard bytes.count == word.utf8CodeUnitCount else { return false }
        for index in bytes.indices where bytes[index] != word.utf8Start[index] { return false }
        return true
    }

    private static func date(_ value: UnsafeBufferPointer<UInt8>) -> Timestamp? {
        guard value.first == UInt8(ascii: "\"") else { return nil }
        return Timestamp(rfc3339: value.dropFirst().dropLast())
    }
}
