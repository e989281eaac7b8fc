import InviteCore

/// One invite as it truly is, whatever the API says of it at the moment.
package struct SimulatedInvite: Sendable, Hashable {
    /// The API's four statuses and `declined`, which the API has no documented word for.
    package enum Status: String, Sendable, CaseIterable {
        case pending, accepted, expired, deleted, declined
    }

    /// `invite_` and 24 characters.
    package let id: String
    package let email: String
    package let role: String
    package let invitedAt: Timestamp
    /// 21 days after `invitedAt`, later once it is re-sent.
    package internal(set) var expiresAt: Timestamp
    package internal(set) var status: Status
    /// When it got its status.
    package internal(set) var statusSince: Timestamp
    /// Fields set from outside, as JSON text; nil for one that answers leave out.
    package internal(set) var fields: [String: String?] = [:]
    /// How often it was re-sent or moved by hand: what its fate had in store before is void.
    var generation = 0

    /// An invite's life, which the API cannot prolong.
    package static let lifetime: Duration = .seconds(21 * 86400)

    init(id: String, email: String, role: String, invitedAt: Timestamp) {
        self.id = id
        self.email = email
        self.role = role
        self.invitedAt = invitedAt
        expiresAt = invitedAt + Self.lifetime
        status = .pending
        statusSince = invitedAt
    }

    /// When it was accepted, nil for one that was not.
    package var acceptedAt: Timestamp? {
        status == .accepted ? statusSince : nil
    }
}
