/// What one answer changes about one invite: its new row and what the log records of it.
package struct InviteChange: Sendable, Equatable {
    package var invite: Invite
    /// Empty where only the document changed, in a way that is no event.
    package var events: [InviteEvent]
}

/// Compares what was mirrored with what is seen. Pure: what it is told is all that it knows.
package struct Reconciliation: Sendable {
    /// The top-level names, as they are spelt, that the mirror had met before this pass.
    private let knownNames: Set<ExactText>
    /// Names that this pass meets for the first time. Their values are adopted without events.
    package private(set) var newNames: Set<ExactText> = []
    /// Those of the invite that was looked at last.
    private var notedNames: [ExactText] = []

    /// Those of them that the documentation does not have either: each is an irregularity.
    package var unknownNames: Set<ExactText> { newNames.subtracting(Self.documentedNames) }

    /// The names of the documentation are no surprise, even to an empty mirror.
    private static let documentedNames: Set<ExactText> = [
        "email", "expires_at", "id", "invited_at", "role", "status", "type",
    ]

    package init(knownNames: Set<ExactText>) {
        self.knownNames = knownNames
    }

    /// Lower bounds for what an answer can show: for each the newest instant known to lie before a change of it.
    package struct Bounds: Sendable {
        package let status: Timestamp?
        /// Every other field.
        package let fields: Timestamp?
        /// Being listed, for an invite that was not.
        package let presence: Timestamp?
        /// Those fields that the newest answers left out: they were last shown earlier.
        package let omitted: [ExactText: Timestamp?]

        package init(
            status: Timestamp?, fields: Timestamp?, presence: Timestamp?, omitted: [ExactText: Timestamp?] = [:]
        ) {
            self.status = status
            self.fields = fields
            self.presence = presence
            self.omitted = omitted
        }

        func field(_ name: ExactText) -> Timestamp? {
            if let shown = omitted[name] { return shown }
            return name == "status" ? status : fields
        }
    }

    /// An invite that the mirror has never seen.
    package mutating func appear(_ seen: SeenInvite, by source: Provenance) -> InviteChange {
        noteNames(of: seen)
        let (id, document, columns) = (seen.id, seen.document, seen.columns)
        let invite = Invite(
            id: id, columns: columns, isListed: true, firstObservedAt: source.arrivedAt,
            lastChangedAt: source.arrivedAt, document: document)
        let event = InviteEvent(
            inviteID: id, kind: .appeared, newValue: columns.status, evidence: source.evidence,
            observedAt: source.arrivedAt, requestID: source.requestID, document: document)
        return InviteChange(invite: invite, events: [event])
    }

    /// An invite that the mirror knows, shown again; nil if nothing changed at all.
    package mutating func compare(
        _ known: Invite, with seen: SeenInvite, by source: Provenance, bounds: Bounds
    ) -> InviteChange? {
        if known.isListed && seen.isDocument(known.document) { return nil }
        noteNames(of: seen)
        var draft = Draft(known, by: source)
        var changedMembers: [(index: Int, member: InviteDocument.Member)] = []
        for (index, member) in seen.members.enumerated() {
            let old = draft.value(of: member.spelling, near: index)
            if isChange(member, from: old, of: known) {
                changedMembers.append((index, member))
            } else {
                draft.set(member, near: index)
            }
        }
        if !known.isListed && source.evidence == .listed { draft.record(.reappeared, notBefore: bounds.presence) }
        for (index, member) in changedMembers.sorted(by: { Self.statusFirst($0.member, $1.member) }) {
            draft.change(member, near: index, notBefore: bounds.field(member.spelling))
        }
        let change = draft.change()
        return change.invite == known ? nil : change
    }

    private mutating func noteNames(of seen: SeenInvite) {
        // One invite mostly has the names of the one before.
        if seen.hasNames(notedNames) { return }
        notedNames = seen.members.map(\.spelling)
        newNames.formUnion(notedNames.filter { !knownNames.contains($0) })
    }

    /// Columns are compared as columns; any other field as JSON, once the mirror knows its name.
    private func isChange(_ member: InviteDocument.Member, from old: JSONText?, of known: Invite) -> Bool {
        if let field = InviteColumns.Field(rawValue: member.name.string) {
            return !field.column(of: member.value).isIdentical(to: known.columns[field])
        }
        return knownNames.contains(member.spelling) && member.value != old ?? .null
    }

    private static func statusFirst(_ left: InviteDocument.Member, _ right: InviteDocument.Member) -> Bool {
        if left.name == "status" || right.name == "status" { return left.name == "status" && right.name != "status" }
        return left.spelling.string.utf8.lexicographicallyPrecedes(right.spelling.string.utf8)
    }
}

/// An invite on its way from one row to the next, and the events on the way.
struct Draft {
    private(set) var invite: Invite
    /// Sorted, but for those that are new to it.
    private var members: [InviteDocument.Member]
    private let sortedCount: Int
    /// The place of each among them, once one was not where it was looked for.
    private var places: [ExactText: Int]?
    private var events: [InviteEvent] = []
    private let source: Provenance

    init(_ invite: Invite, by source: Provenance) {
        self.invite = invite
        self.source = source
        members = invite.document.members
        sortedCount = members.count
    }

    /// What the members make, once it has been put together.
    private var newest: InviteDocument?

    private mutating func document() -> InviteDocument {
        if let newest { return newest }
        let document = members.count == sortedCount ? InviteDocument(sorted: members) : InviteDocument(members)
        newest = document
        return document
    }

    // An answer mostly has the members of the one before: each is looked for first where it stands in the answer.

    private mutating func place(of spelling: ExactText, near index: Int) -> Int? {
        if index < members.count, members[index].spelling == spelling { return index }
        if places == nil { places = Dictionary(members.enumerated().map { ($1.spelling, $0) }) { $1 } }
        return places?[spelling]
    }

    mutating func value(of spelling: ExactText, near index: Int) -> JSONText? {
        place(of: spelling, near: index).map { members[$0].value }
    }

    /// Takes a value over without an event.
    mutating func set(_ member: InviteDocument.Member, near index: Int) {
        if let place = place(of: member.spelling, near: index) {
            if members[place].value == member.value { return }
            members[place].value = member.value
        } else {
            places?[member.spelling] = members.count
            members.append(member)
        }
        newest = nil
    }

    mutating func change(_ member: InviteDocument.Member, near index: Int, notBefore: Timestamp?) {
        let column = InviteColumns.Field(rawValue: member.name.string)
        let old = column.map { invite.columns[$0] } ?? value(of: member.spelling, near: index)?.column
        let new = column?.column(of: member.value) ?? (column == nil ? member.value.column : nil)
        set(member, near: index)
        record(
            column == .status ? .statusChanged : .fieldChanged, field: member.name.string, from: old, to: new,
            notBefore: notBefore)
    }

    mutating func record(
        _ kind: InviteEvent.Kind, field: String? = nil, from old: String? = nil, to new: String? = nil,
        notBefore: Timestamp?
    ) {
        let event = InviteEvent(
            inviteID: invite.id, kind: kind, field: field, oldValue: old, newValue: new, evidence: source.evidence,
            notBefore: notBefore, observedAt: source.arrivedAt, requestID: source.requestID,
            document: document())
        event.apply(to: &invite.columns, isListed: &invite.isListed)
        invite.lastChangedAt = source.arrivedAt
        events.append(event)
    }

    /// The new row, with every value taken over, and the events.
    mutating func change() -> InviteChange {
        invite.document = document()
        return InviteChange(invite: invite, events: events)
    }
}
