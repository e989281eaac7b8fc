import AdminAPISimulator
import InviteCore

/// A deterministic organisation, in pages as the API renders them.
struct Pages {
    static let size = 1000
    private static let microsecondsApart: Int64 = 180_000_000
    private static let lifetime: Int64 = 21 * 86_400_000_000
    private static let newest = Timestamp(rfc3339: "2026-11-01T09:00:00.000000Z")!
    private static let statuses = ["accepted", "accepted", "accepted", "expired", "deleted"]
    private static let roles = ["user", "user", "developer", "claude_code_user"]

    /// The bytes of a page.
    ///
    /// - Parameters:
    ///   - number: from 0, the page with the newest invites.
    ///   - changed: whether every hundredth invite has another role.
    static func body(_ number: Int, changed: Bool = false) -> [UInt8] {
        let invites = (number * size..<(number + 1) * size).map { invite($0, changed: changed && $0 % 100 == 0) }
        let text = """
            {"data":[\(invites.joined(separator: ","))],"first_id":"\(id(number * size))","has_more":true,\
            "last_id":"\(id((number + 1) * size - 1))"}
            """
        return Array(text.utf8)
    }

    /// Ids that say nothing of the order, as the API's do.
    private static func id(_ number: Int) -> String {
        var generator = SeededGenerator(seed: UInt64(number))
        let alphabet = Array("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz")
        return "invite_01" + String((0..<22).map { _ in alphabet[Int(generator.next() % UInt64(alphabet.count))] })
    }

    private static func invite(_ number: Int, changed: Bool) -> String {
        let invited = newest.microseconds - Int64(number) * microsecondsApart
        let role = changed ? "billing" : roles[number % roles.count]
        return """
            {"id":"\(id(number))","email":"person\(number)@example.com",\
            "expires_at":"\(Timestamp(microseconds: invited + lifetime))",\
            "invited_at":"\(Timestamp(microseconds: invited))","role":"\(role)",\
            "status":"\(statuses[number % statuses.count])","type":"invite"}
            """
    }
}
