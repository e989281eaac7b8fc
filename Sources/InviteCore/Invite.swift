/// An invite as the mirror holds it: one row of the table `invite`.
package struct Invite: Sendable, Equatable {
    package let id: String
    package var columns: InviteColumns
    /// True while the API lists it, false once its absence is confirmed.
    package var isListed: Bool
    package var firstObservedAt: Timestamp
    /// `observed_at` of its newest event.
    package var lastChangedAt: Timestamp
    package var document: InviteDocument

    package init(
        id: String, columns: InviteColumns, isListed: Bool, firstObservedAt: Timestamp, lastChangedAt: Timestamp,
        document: InviteDocument
    ) {
        self.id = id
        self.columns = columns
        self.isListed = isListed
        self.firstObservedAt = firstObservedAt
        self.lastChangedAt = lastChangedAt
        self.document = document
    }
}

/// The five fields that have columns of their own: what the API said, dates canonical, unknown values verbatim.
package struct InviteColumns: Sendable, Equatable {
    package var email: String?
    package var role: String?
    package var status: String?
    package var invitedAt: String?
    package var expiresAt: String?

    package init(
        email: String? = nil, role: String? = nil, status: String? = nil, invitedAt: String? = nil,
        expiresAt: String? = nil
    ) {
        self.email = email
        self.role = role
        self.status = status
        self.invitedAt = invitedAt
        self.expiresAt = expiresAt
    }

    package init(of document: InviteDocument) {
        self.init()
        for member in document.members {
            if let field = Field(rawValue: member.name.string) { self[field] = field.column(of: member.value) }
        }
    }

    package static func == (left: InviteColumns, right: InviteColumns) -> Bool {
        Field.allCases.allSatisfy { left[$0].isIdentical(to: right[$0]) }
    }

    /// The names of the five, as the API spells them; `status` first, since its event comes first.
    package enum Field: String, CaseIterable, Sendable {
        case status, email
        case expiresAt = "expires_at"
        case invitedAt = "invited_at"
        case role

        /// The field of a name as it is spelt; nil for any other.
        init?(spelling: UnsafeBufferPointer<UInt8>) {
            let field = Self.allCases.first { field in
                field.rawValue.utf8.count == spelling.count && field.rawValue.utf8.elementsEqual(spelling)
            }
            guard let field else { return nil }
            self = field
        }

        /// What the column holds of a JSON value: an instant in its canonical spelling, where it is one.
        package func column(of value: JSONText) -> String? {
            var text = value.text
            return text.withUTF8 { column(of: $0) }
        }

        /// The same of the bytes of a canonical value.
        func column(of value: UnsafeBufferPointer<UInt8>) -> String? {
            switch self {
            case .expiresAt, .invitedAt:
                if value.first == UInt8(ascii: "\""), let text = Timestamp.canonical(value.inner) { return text }
            case .status, .email, .role: break
            }
            return JSONText.column(of: value)
        }
    }

    package subscript(field: Field) -> String? {
        get {
            switch field {
            case .status: status
            case .email: email
            case .expiresAt: expiresAt
            case .invitedAt: invitedAt
            case .role: role
            }
        }
        set {
            switch field {
            case .status: status = newValue
            case .email: email = newValue
            case .expiresAt: expiresAt = newValue
            case .invitedAt: invitedAt = newValue
            case .role: role = newValue
            }
        }
    }
}

/// An invite's whole object, as canonical JSON: every field with the value that it was last seen with.
package struct InviteDocument: Sendable, Equatable {
    package let text: String

    /// - Precondition: `text` is a canonical object.
    package init(canonical text: String) {
        self.text = text
    }

    package static func == (left: InviteDocument, right: InviteDocument) -> Bool {
        left.text.isIdentical(to: right.text)
    }

    package struct Member: Sendable, Equatable {
        /// The name as the canonical text has it, without its quotes: the key of a member. Lone surrogates, which no
        /// text can hold, stay apart in it.
        package let spelling: ExactText
        package var value: JSONText

        init(name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>) {
            spelling = ExactText(String(decoding: name, as: UTF8.self))
            self.value = JSONText(canonical: String(decoding: value, as: UTF8.self))
        }

        /// The name as it reads.
        package var name: ExactText {
            let bytes = spelling.string.utf8
            return bytes.contains(UInt8(ascii: "\\")) ? ExactText(JSONText.unescape(bytes)) : spelling
        }
    }

    /// The top-level members, sorted by name.
    package var members: [Member] {
        let members = try? JSONScanner.scan(text.utf8) { scanner in
            let members = try scanner.members(depth: 0)
            return members.map { place in
                members.with(place.name) { name in
                    members.with(place.value) { value in Member(name: name, value: value) }
                }
            }
        }
        return members ?? []
    }

    /// The names, as they are spelt, that stand here and that an answer leaves out.
    package func names(missingIn seen: SeenInvite) -> [ExactText] {
        let isWhole = try? JSONScanner.scan(text.utf8) { scanner in
            let members = try scanner.members(depth: 0)
            return seen.hasNames(of: members)
        }
        if isWhole == true { return [] }
        let present = Set(seen.members.map(\.spelling))
        return members.map(\.spelling).filter { !present.contains($0) }
    }

    /// The document made of `members`, which need not be sorted; no two are of the same spelling.
    package init(_ members: [Member]) {
        // As the scanner sorts them: by code points, and those that read alike by their spelling.
        let named = members.map { (name: $0.name, member: $0) }.sorted { left, right in
            let (left, right) =
                left.name == right.name
                ? (left.member.spelling, right.member.spelling)
                : (left.name, right.name)
            return left.string.utf8.lexicographicallyPrecedes(right.string.utf8)
        }
        self.init(sorted: named.map(\.member))
    }

    /// - Precondition: `members` are sorted as those of a document are.
    init(sorted members: [Member]) {
        var text = ""
        // Braces; two quotes, colon and comma for each.
        text.reserveCapacity(
            members.reduce(2) { $0 + $1.spelling.string.utf8.count + $1.value.text.utf8.count + 4 })
        for member in members {
            text += text.isEmpty ? "{\"" : ",\""
            text += member.spelling.string
            text += "\":"
            text += member.value.text
        }
        self.text = text.isEmpty ? "{}" : text + "}"
    }
}
