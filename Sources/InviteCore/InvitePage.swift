/// An invite as one answer shows it.
package struct SeenInvite: Sendable, Equatable {
    private let texts: AnswerTexts
    private let places: Places

    /// Where its texts stand, and what was found out when they were read.
    fileprivate struct Places: Sendable {
        let id: Range<Int>
        /// Which of the answer's members are its own.
        let members: Range<Int>
        let irregularities: Int
        let invitedAt: Timestamp?
    }

    fileprivate init(_ texts: AnswerTexts, _ places: Places) {
        self.texts = texts
        self.places = places
    }

    /// Values that are not what the API's documentation describes: a field missing, null or of another type,
    /// a date that is none, a status, role or type unknown to this version, a name sent twice.
    package var irregularities: Int { places.irregularities }
    /// When it was sent; nil where the answer does not say so in a way that can be read.
    package var invitedAt: Timestamp? { places.invitedAt }

    package var id: String { texts.with(places.id) { String(decoding: $0, as: UTF8.self) } }

    /// Whether `text` is the id, byte for byte.
    package func isID(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        texts.with(places.id) { $0.isIdentical(to: text) }
    }

    /// All of the answer's object, canonical.
    package var document: InviteDocument {
        let places = texts.members[places.members]
        // Braces, and a comma or nothing behind each.
        let count = places.reduce(2) { $0 + $1.all.count + 1 }
        let text = String(unsafeUninitializedCapacity: count) { room in
            var end = 0
            for place in places {
                room[end] = end == 0 ? UInt8(ascii: "{") : UInt8(ascii: ",")
                end = texts.with(place.all) { room[(end + 1)...].update(fromContentsOf: $0) }
            }
            room[end] = UInt8(ascii: "}")
            return end + 1
        }
        return InviteDocument(canonical: text)
    }

    /// Whether `text` is the document, byte for byte; it is not put together for that.
    package func isDocument(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        var end = 0
        for index in places.members {
            let place = texts.members[index]
            let start = end + 1
            end = start + place.all.count
            guard end < text.count, text[start - 1] == (start == 1 ? UInt8(ascii: "{") : UInt8(ascii: ",")),
                texts.with(place.all, { $0.isIdentical(to: UnsafeBufferPointer(rebasing: text[start..<end])) })
            else { return false }
        }
        return end + 1 == text.count && text[end] == UInt8(ascii: "}")
    }

    /// The document's members, sorted by name.
    var members: [InviteDocument.Member] {
        texts.members[places.members].map { place in
            texts.with(place.name) { name in
                texts.with(place.value) { value in InviteDocument.Member(name: name, value: value) }
            }
        }
    }

    /// The columns of the document.
    package var columns: InviteColumns {
        var columns = InviteColumns()
        for place in texts.members[places.members] {
            if let field = texts.with(place.name, { InviteColumns.Field(spelling: $0) }) {
                columns[field] = texts.with(place.value) { field.column(of: $0) }
            }
        }
        return columns
    }

    /// Whether this is the document.
    func isDocument(_ document: InviteDocument) -> Bool {
        var text = document.text
        return text.withUTF8 { isDocument($0) }
    }

    /// Whether the document's names, as they are spelt, are just these.
    func hasNames(_ names: [ExactText]) -> Bool {
        texts.members[places.members].elementsEqual(names) { place, name in
            texts.with(place.name) { name.isIdentical(to: $0) }
        }
    }

    /// Whether the document's names, as they are spelt, are just those of another object.
    func hasNames(of object: JSONMembers) -> Bool {
        texts.members[places.members].elementsEqual(object) { place, other in
            texts.with(place.name) { name in object.with(other.name) { $0.isIdentical(to: name) } }
        }
    }

    package static func == (left: SeenInvite, right: SeenInvite) -> Bool {
        left.id.isIdentical(to: right.id) && left.document == right.document
            && left.irregularities == right.irregularities && left.invitedAt == right.invitedAt
    }
}

/// What stands in an answer, for all of its invites: most of it just where it arrived.
private final class AnswerTexts: Sendable {
    private let answer: [UInt8]
    /// What does not stand in the answer as canonical JSON has it; its positions go on behind the answer's.
    private let written: [UInt8]
    /// The members of one invite after the other.
    let members: [JSONMembers.Place]

    init(_ answer: [UInt8], _ written: [UInt8], _ members: [JSONMembers.Place]) {
        self.answer = answer
        self.written = written
        self.members = members
    }

    @inline(__always)
    func with<Result>(_ range: Range<Int>, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        answer.withUnsafeBufferPointer { JSONMembers.with(range, of: $0, written, body) }
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
        self = try UndecodableAnswer.reading(body) { scanner in
            guard scanner.peek() == UInt8(ascii: "{") else {
                _ = try scanner.text()
                try scanner.expectEnd()
                throw UndecodableAnswer(description: "it is no JSON object")
            }
            var reader = InviteReader(scanner)
            var hasData = false
            var hasMore: Bool?
            var lastID: LastID?
            try scanner.eachMember { scanner, name in
                switch name {
                case "data":
                    guard !hasData else { throw UndecodableAnswer(description: "it has two `data`") }
                    hasData = true
                    try reader.readAll(&scanner)
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
            guard hasData else { throw UndecodableAnswer(description: "it has no `data`") }
            guard let hasMore else { throw UndecodableAnswer(description: "it has no `has_more`") }
            return InvitePage(invites: reader.invites(of: body), hasMore: hasMore, lastID: lastID ?? .unsaid)
        }
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
        self = try UndecodableAnswer.reading(body) { scanner in
            var reader = InviteReader(scanner)
            try reader.read(&scanner, depth: 0)
            try scanner.expectEnd()
            return reader.invites(of: body)[0]
        }
    }
}

extension UndecodableAnswer {
    fileprivate static func reading<Result>(
        _ body: [UInt8], _ read: (inout JSONScanner) throws -> Result
    ) throws(UndecodableAnswer) -> Result {
        do {
            return try JSONScanner.scan(body, read)
        } catch let error as JSONError {
            throw UndecodableAnswer(description: "it is not JSON at byte \(error.offset): \(error.reason)")
        } catch let error as UndecodableAnswer {
            throw error
        } catch {
            throw UndecodableAnswer(description: "\(error)")
        }
    }
}

/// Reads the invites of an answer, one after the other.
private struct InviteReader {
    private var object: JSONMembers
    private var members: [JSONMembers.Place] = []
    private var invites: [SeenInvite.Places] = []

    init(_ scanner: JSONScanner) {
        object = scanner.noMembers
    }

    /// Reads the array that a page has.
    mutating func readAll(_ scanner: inout JSONScanner) throws {
        guard scanner.peek() == UInt8(ascii: "[") else {
            throw UndecodableAnswer(description: "its `data` is not an array")
        }
        try scanner.array { scanner, index in
            do {
                try read(&scanner, depth: 2)
            } catch let error as UndecodableAnswer {
                throw UndecodableAnswer(description: "invite \(index + 1) of `data`: \(error.description)")
            }
        }
    }

    mutating func read(_ scanner: inout JSONScanner, depth: Int) throws {
        guard scanner.peek() == UInt8(ascii: "{") else {
            _ = try scanner.text()
            throw UndecodableAnswer(description: "it is no JSON object")
        }
        let repeatedBefore = scanner.repeatedNames
        try scanner.take(&object, depth: depth)
        let start = members.count
        var check = FieldCheck()
        // By index: an iterator would be a copy of the object.
        for index in object.indices {
            let place = object[index]
            members.append(place)
            object.with(place.name) { name in
                object.with(place.value) { value in check.take(name, value, at: place.value) }
            }
        }
        guard let id = check.id else {
            throw UndecodableAnswer(description: "its `id` is missing or not a non-empty string")
        }
        invites.append(
            .init(
                id: object.reading(id), members: start..<members.count,
                irregularities: check.irregularities + (scanner.repeatedNames - repeatedBefore),
                invitedAt: check.invitedAt))
    }

    /// Those that were read of an answer with this body.
    func invites(of body: [UInt8]) -> [SeenInvite] {
        let texts = AnswerTexts(body, object.written, members)
        return invites.map { SeenInvite(texts, $0) }
    }
}
