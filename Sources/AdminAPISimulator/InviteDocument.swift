import InviteCore

/// The JSON object of an invite, with its fields in the order of the API's own example.
enum InviteDocument {
    private static let names = ["id", "email", "expires_at", "invited_at", "role", "status", "type"]

    /// The value that an answer gives for a field, as JSON text; nil for one that it leaves out.
    static func value(of name: String, in invite: SimulatedInvite) -> String? {
        if let set = invite.fields[name] { return set }
        return switch name {
        case "id": JSONText.quoted(invite.id)
        case "email": JSONText.quoted(invite.email)
        case "expires_at": JSONText.quoted(invite.expiresAt.description)
        case "invited_at": JSONText.quoted(invite.invitedAt.description)
        case "role": JSONText.quoted(invite.role)
        case "status": JSONText.quoted(invite.status.rawValue)
        case "type": JSONText.quoted("invite")
        default: nil
        }
    }

    /// Appends the object to a body.
    ///
    /// - Parameter id: JSON text in place of the id, for malformed answers; empty text leaves the id out.
    static func append(_ invite: SimulatedInvite, modes: Modes, id: String? = nil, to body: inout [UInt8]) {
        var separator = "{"
        func put(_ name: String, _ value: String) {
            body += separator.utf8
            body += JSONText.quoted(name).utf8
            body.append(UInt8(ascii: ":"))
            body += value.utf8
            separator = ","
        }
        for name in names {
            if name == "id", let id {
                if !id.isEmpty { put(name, id) }
            } else if let value = value(of: name, in: invite) {
                put(name, value)
            }
        }
        if modes.showsAcceptedAt, invite.fields["accepted_at"] == nil {
            put("accepted_at", invite.acceptedAt.map { JSONText.quoted($0.description) } ?? "null")
        }
        if modes.showsRBACGroupIDs, invite.fields["rbac_group_ids"] == nil {
            put("rbac_group_ids", "[]")
        }
        if !invite.fields.isEmpty {
            for (name, value) in invite.fields.sorted(by: { $0.key < $1.key }) where !names.contains(name) {
                if let value { put(name, value) }
            }
        }
        body += (separator == "{" ? "{}" : "}").utf8
    }
}
