/// How the API behaves where nobody knows how it behaves. The defaults are as its documentation reads.
package struct Modes: Sendable, Hashable {
    /// Whether List shows deleted invites, with status `deleted`.
    package var listsDeleted = true
    /// What Get says of a deleted invite.
    package var getDeleted = GetDeleted.found
    package enum GetDeleted: Sendable, Hashable, CaseIterable {
        case found, notFound
    }

    /// What List answers to a cursor that it does not know (any more).
    package var deadCursor = DeadCursor.badRequest
    package enum DeadCursor: Sendable, Hashable, CaseIterable {
        case badRequest, notFound, emptyLastPage, restartAtTop
    }

    /// Whether a page asked for by `before_id` comes in list order or the other way round.
    package var reversesBeforePages = false

    /// What becomes of declined invites.
    package var declined = Declined.shown(status: "deleted")
    package enum Declined: Sendable, Hashable {
        /// Listed and got, with this status.
        case shown(status: String)
        /// Not listed, and 404 for Get.
        case leftOut
    }

    /// What sending an invite again does to it.
    package var resending = Resending.sameID
    package enum Resending: Sendable, Hashable, CaseIterable {
        case sameID, newID
    }

    /// How long after `expires_at` the API goes on saying `pending`.
    package var expiryShownAfter: Duration = .zero
    /// How long after it ended the API forgets an invite; nil keeps it for ever.
    package var purgesAfter: Duration?

    /// List sees the organisation as it was this long ago.
    package var listLag: Duration = .zero
    /// Get sees the organisation as it was this long ago.
    package var getLag: Duration = .zero

    /// How the API refuses a secret that lacks the scope; nil when it has the scope.
    package var missingScope: MissingScope?
    package enum MissingScope: Sendable, Hashable, CaseIterable {
        case unauthorized, forbidden, notFound, emptyList
    }

    package var order = Order.newestFirst
    package enum Order: Sendable, Hashable, CaseIterable {
        case newestFirst, oldestFirst, byID
        /// What changed its status last comes first: in the order of invitation as long as nothing has changed.
        case changedFirst
        /// All that are pending, then all others, newest first both.
        case pendingFirst
    }

    /// The fields that newer documentation adds.
    package var showsAcceptedAt = false
    package var showsRBACGroupIDs = false

    /// What the header `anthropic-organization-id` says.
    package var organizationHeader = OrganizationHeader.own
    package enum OrganizationHeader: Sendable, Hashable {
        case own, absent
        case another(String)
    }

    /// The most invites on a page, whatever `limit` says, at least 1; `has_more` stays right.
    package var maximumPageSize: Int?

    package init() {}
}
