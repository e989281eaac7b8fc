#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The body of Create Invite, checked.
struct NewInvite {
    let email: String
    let role: String

    /// Everything but `admin`. Source: the API's reference, Create Invite.
    private static let roles = ["user", "developer", "billing", "claude_code_user"]

    private struct Fields: Decodable {
        let email: String?
        let role: String?
    }

    init(_ body: [UInt8]) throws(APIError) {
        guard let fields = try? JSONDecoder().decode(Fields.self, from: Data(body)) else {
            throw .invalid("The request body is not valid JSON")
        }
        guard let email = fields.email else { throw .invalid("email: Field required") }
        guard let role = fields.role else { throw .invalid("role: Field required") }
        guard Self.isAddress(email) else { throw .invalid("email: value is not a valid email address") }
        guard role != "admin" else { throw .invalid("role: Cannot invite with role admin") }
        guard Self.roles.contains(role) else { throw .invalid("role: Input should be one of the known roles") }
        self.email = email
        self.role = role
    }

    private static func isAddress(_ text: String) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, text.utf8.count <= 254 else { return false }
        let labels = parts[1].split(separator: ".", omittingEmptySubsequences: false)
        return labels.count >= 2 && labels.allSatisfy { !$0.isEmpty } && !text.contains(where: \.isWhitespace)
    }
}
