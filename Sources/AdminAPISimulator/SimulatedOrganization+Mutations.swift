import InviteCore

// What tests and the API do to an organisation by hand, each at its `now`. False: there was nothing to do it to.
extension SimulatedOrganization {
    /// Invites somebody. Nothing happens to the invite by itself but expiry.
    @discardableResult
    package mutating func create(email: String, role: String) -> SimulatedInvite {
        let invite = SimulatedInvite(id: nextHandMadeID(), email: email, role: role, invitedAt: now)
        expectExpiry(of: invite, at: slots.count)
        add(invite)
        return invite
    }

    /// Withdraws a pending invite.
    @discardableResult
    package mutating func delete(id: String) -> Bool {
        end(id, .deleted)
    }

    @discardableResult
    package mutating func accept(id: String) -> Bool {
        end(id, .accepted)
    }

    /// The invited person says no to a pending invite.
    @discardableResult
    package mutating func decline(id: String) -> Bool {
        end(id, .declined)
    }

    /// Ends a pending invite before its time.
    @discardableResult
    package mutating func expire(id: String) -> Bool {
        end(id, .expired)
    }

    /// Sends a pending or expired invite again: the same id, pending, with 21 days from now.
    @discardableResult
    package mutating func resend(id: String) -> Bool {
        guard let position = position(of: id), let invite = slots[position],
            invite.status == .expired || invite.status == .pending
        else { return false }
        let expiresAt = now + SimulatedInvite.lifetime
        replace(position) {
            $0.expiresAt = expiresAt
            $0.generation += 1
        }
        if let resent = slots[position] { expectExpiry(of: resent, at: position) }
        record(.field(name: "expires_at", old: "\"\(invite.expiresAt)\"", new: "\"\(expiresAt)\""), of: id)
        change(position, to: .pending)
        return true
    }

    /// Sends a pending or expired invite again as a new one; the old one is deleted when it was pending.
    @discardableResult
    package mutating func resendAsNew(id: String) -> SimulatedInvite? {
        guard let invite = self[id], invite.status == .expired || invite.status == .pending else { return nil }
        delete(id: id)
        return create(email: invite.email, role: invite.role)
    }

    /// Removes an invite for ever, whatever its status.
    @discardableResult
    package mutating func purge(id: String) -> Bool {
        guard let position = position(of: id) else { return false }
        remove(position)
        return true
    }

    /// Gives an invite any status, also one that it could not come to by itself.
    @discardableResult
    package mutating func setStatus(id: String, _ status: SimulatedInvite.Status) -> Bool {
        guard let position = position(of: id), slots[position]?.status != status else { return false }
        replace(position) { $0.generation += 1 }
        change(position, to: status)
        if status == .pending, let invite = slots[position], invite.expiresAt > now {
            expectExpiry(of: invite, at: position)
        }
        return true
    }

    /// Sets what answers say in any top-level field, as JSON text; nil leaves the field out.
    ///
    /// It changes what is shown and nothing else: an invite whose `expires_at` is set expires when it would have.
    @discardableResult
    package mutating func setField(id: String, _ name: String, _ jsonText: String?) -> Bool {
        guard let position = position(of: id), let invite = slots[position] else { return false }
        let old = InviteDocument.value(of: name, in: invite)
        replace(position) { $0.fields.updateValue(jsonText, forKey: name) }
        if old != jsonText { record(.field(name: name, old: old, new: jsonText), of: id) }
        return true
    }

    private mutating func end(_ id: String, _ status: SimulatedInvite.Status) -> Bool {
        guard let position = position(of: id), slots[position]?.status == .pending else { return false }
        change(position, to: status)
        return true
    }
}
