/// One change of one invite, as the log records it: one row of the table `invite_event`, but for `seq` and `pass_id`.
package struct InviteEvent: Sendable, Equatable {
    package let inviteID: String
    package let kind: Kind
    /// `status` for `statusChanged`, the top-level name for `fieldChanged`, else nil.
    package let field: String?
    package let oldValue: String?
    package let newValue: String?
    package let evidence: Evidence
    /// The newest instant known to lie before the change; nil for `appeared`, and where the clock was set back
    /// to before everything that was recorded.
    package let notBefore: Timestamp?
    /// When the response that shows the new state had arrived.
    package let observedAt: Timestamp
    package let requestID: String?
    /// The invite's document after this event.
    package let document: InviteDocument

    package init(
        inviteID: String, kind: Kind, field: String? = nil, oldValue: String? = nil, newValue: String? = nil,
        evidence: Evidence, notBefore: Timestamp? = nil, observedAt: Timestamp, requestID: String?,
        document: InviteDocument
    ) {
        self.inviteID = inviteID
        self.kind = kind
        self.field = field
        self.oldValue = oldValue
        self.newValue = newValue
        self.evidence = evidence
        self.notBefore = notBefore
        self.observedAt = observedAt
        self.requestID = requestID
        self.document = document
    }

    package enum Kind: String, CaseIterable, Sendable {
        case appeared
        case statusChanged = "status_changed"
        case fieldChanged = "field_changed"
        case vanished, reappeared
    }

    /// How a change was learnt.
    package enum Evidence: String, Sendable {
        /// A List Invites page showed it.
        case listed
        /// Get Invite showed it.
        case fetched
        /// Absent from a complete listing, and Get Invite answered 404.
        case notFound = "not_found"
    }
}

/// Where a piece of knowledge comes from: one response of the API.
package struct Provenance: Sendable, Equatable {
    package let evidence: InviteEvent.Evidence
    package let arrivedAt: Timestamp
    package let requestID: String?

    package init(evidence: InviteEvent.Evidence, arrivedAt: Timestamp, requestID: String?) {
        self.evidence = evidence
        self.arrivedAt = arrivedAt
        self.requestID = requestID
    }
}

extension InviteEvent {
    /// What the event does to the columns of `invite` up to `listed`: promise 4, one event at a time.
    ///
    /// A status that became `deleted` because Get Invite said so, or no longer knew the invite, ends the listing too.
    package func apply(to columns: inout InviteColumns, isListed: inout Bool) {
        switch kind {
        case .appeared:
            columns = InviteColumns(of: document)
            isListed = true
        case .statusChanged:
            columns.status = newValue
            if newValue == "deleted" && evidence != .listed { isListed = false }
        case .fieldChanged:
            if let column = field.flatMap(InviteColumns.Field.init(rawValue:)) { columns[column] = newValue }
        case .vanished: isListed = false
        case .reappeared: isListed = true
        }
    }
}
