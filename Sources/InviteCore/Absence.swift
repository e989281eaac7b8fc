/// An invite that was listed and that a complete listing lacks: what its absence means.
package struct Absence: Sendable {
    /// The most invites that a pass asks for.
    package static let questionsPerPass = 200
    /// The complete passes in a row that must lack an invite before Get Invite's word that it exists is overruled.
    package static let passesToVanish = 3

    /// What Get Invite answered.
    package enum Answer: Sendable {
        case shown(SeenInvite)
        case notFound
        /// Neither: an error, an answer that cannot be read.
        case none
    }

    /// What is recorded of it; nil for nothing at all.
    ///
    /// - Parameters:
    ///   - passesLacking: complete passes in a row, this one included, that covered the invite and lack it.
    ///   - bounds: the newest instants known to lie before a change.
    package static func judge(
        _ known: Invite, _ answer: Answer, by source: Provenance, passesLacking: Int,
        bounds: Reconciliation.Bounds, using reconciliation: inout Reconciliation
    ) -> InviteChange? {
        switch answer {
        case .none: return nil
        case .notFound: return notFound(known, by: source, bounds: bounds)
        case .shown(let seen):
            var change =
                reconciliation.compare(known, with: seen, by: source, bounds: bounds)
                ?? InviteChange(invite: known, events: [])
            // `deleted` from another status has ended the listing already.
            let isOver = seen.columns.status == "deleted" || passesLacking >= passesToVanish
            if change.invite.isListed && isOver { change.vanish(by: source, notBefore: bounds.presence) }
            return change.invite == known ? nil : change
        }
    }

    /// A pending invite that had not run out when the API no longer knew it was withdrawn, declined or removed. Of
    /// any other nothing more is known than that it is gone. The document stays as it was last seen.
    private static func notFound(
        _ known: Invite, by source: Provenance, bounds: Reconciliation.Bounds
    ) -> InviteChange {
        var draft = Draft(known, by: source)
        let expiresAt = known.columns.expiresAt.flatMap { Timestamp(rfc3339: $0) }
        if known.columns.status == "pending", let expiresAt, expiresAt > source.arrivedAt {
            draft.record(
                .statusChanged, field: "status", from: "pending", to: "deleted", notBefore: bounds.field("status"))
        } else {
            draft.record(.vanished, notBefore: bounds.presence)
        }
        return draft.change()
    }

    /// Whether a listing lacks so much that an operator must look before it is believed.
    ///
    /// - Parameters:
    ///   - known: how many invites were listed, of those that the listing covered.
    ///   - absent: how many of these the listing lacks.
    ///   - listed: how many invites the listing has.
    package static func isSuspicious(known: Int, absent: Int, listed: Int) -> Bool {
        (listed == 0 && known > 0) || (absent > 10 && absent * 2 > known)
    }
}

extension InviteChange {
    fileprivate mutating func vanish(by source: Provenance, notBefore: Timestamp?) {
        var draft = Draft(invite, by: source)
        draft.record(.vanished, notBefore: notBefore)
        let vanished = draft.change()
        invite = vanished.invite
        events += vanished.events
    }
}
