import InviteCore

/// The organisation as one endpoint of the API sees it: a while ago, and through the modes.
struct OrganizationView {
    let modes: Modes
    private let organization: SimulatedOrganization
    private let instant: Timestamp
    /// Invites that have changed since `instant`, as they were then.
    private var earlier: [Int: SimulatedInvite] = [:]

    init(_ organization: SimulatedOrganization, modes: Modes, lag: Duration = .zero) {
        self.organization = organization
        self.modes = modes
        instant = organization.now - lag
        guard lag > .zero else { return }
        // Backwards, so that what stands in the end is the oldest replaced state after the instant.
        for change in organization.replaced.reversed() {
            guard change.instant > instant else { break }
            earlier[change.position] = change.before
        }
    }

    /// Positions are 0..<slotCount, oldest first.
    var slotCount: Int { organization.slots.count }

    func position(of id: String) -> Int? {
        organization.position(of: id) ?? earlier.first { $0.value.id == id }?.key
    }

    /// The invite that List shows at a position; nil where it shows none.
    func listed(at position: Int) -> SimulatedInvite? {
        guard let invite = known(at: position), invite.status != .deleted || modes.listsDeleted else { return nil }
        return invite
    }

    /// The invite that Get shows.
    func got(_ id: String) -> SimulatedInvite? {
        guard let invite = position(of: id).flatMap(known),
            invite.status != .deleted || modes.getDeleted == .found
        else { return nil }
        return invite
    }

    /// The invite as the API knows it, nil where it knows none.
    private func known(at position: Int) -> SimulatedInvite? {
        guard var invite = earlier[position] ?? organization.slots[position], invite.invitedAt <= instant else {
            return nil
        }
        if let age = modes.purgesAfter, invite.status != .pending, invite.statusSince + age <= instant { return nil }
        if invite.status == .expired, invite.statusSince + modes.expiryShownAfter > instant {
            invite.status = .pending
        }
        guard invite.status == .declined else { return invite }
        switch modes.declined {
        case .leftOut: return nil
        case .shown(let status):
            if let known = SimulatedInvite.Status(rawValue: status) {
                invite.status = known
            } else if invite.fields["status"] == nil {
                invite.fields["status"] = JSONText.quoted(status)
            }
            return invite
        }
    }
}
