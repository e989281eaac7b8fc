import InviteCore

/// One thing that truly happened to one invite: what a mirror is measured against.
package struct TrueChange: Sendable, Hashable {
    package enum Change: Sendable, Hashable {
        case created
        case status(from: SimulatedInvite.Status, to: SimulatedInvite.Status)
        /// Values as JSON text; nil where the field was or is absent.
        case field(name: String, old: String?, new: String?)
        /// Gone for ever: neither List nor Get knows it any more.
        case purged
    }

    package let instant: Timestamp
    package let inviteID: String
    package let change: Change

    package init(instant: Timestamp, inviteID: String, change: Change) {
        self.instant = instant
        self.inviteID = inviteID
        self.change = change
    }
}
