/// Looks at an invite's fields for what the documentation does not describe.
struct FieldCheck {
    /// Where the inside of the id stands, if it is a string that is not empty.
    private(set) var id: Range<Int>?
    private(set) var invitedAt: Timestamp?
    private var odd = 0
    private var regularOrOdd = 0

    /// The fields that the documentation gives every invite, besides `id`.
    private static let documentedCount = 6

    /// A documented field that is missing is an irregularity too.
    var irregularities: Int { odd + Self.documentedCount - regularOrOdd }

    mutating func take(
        _ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>, at place: Range<Int>
    ) {
        switch name.count {
        case 2 where Self.equal(name, "id"):
            guard value.count > 2, value[0] == UInt8(ascii: "\"") else { return }
            id = place.lowerBound + 1..<place.upperBound - 1
        case 4 where Self.equal(name, "role"): judge(Self.isOne(of: Self.roles, value))
        case 4 where Self.equal(name, "type"): judge(Self.isOne(of: Self.types, value))
        case 5 where Self.equal(name, "email"): judge(value.first == UInt8(ascii: "\""))
        case 6 where Self.equal(name, "status"): judge(Self.isOne(of: Self.statuses, value))
        case 10 where Self.equal(name, "expires_at"): judge(Self.date(value) != nil)
        case 10 where Self.equal(name, "invited_at"):
            invitedAt = Self.date(value)
            judge(invitedAt != nil)
        default: break
        }
    }

    private mutating func judge(_ isRegular: Bool) {
        regularOrOdd += 1
        if !isRegular { odd += 1 }
    }

    private static let types: [StaticString] = ["\"invite\""]
    private static let statuses: [StaticString] = ["\"pending\"", "\"accepted\"", "\"expired\"", "\"deleted\""]
    /// The five of the first documentation and the four that newer ones add.
    private static let roles: [StaticString] = [
        "\"user\"", "\"developer\"", "\"billing\"", "\"admin\"", "\"claude_code_user\"",
        "\"managed\"", "\"owner\"", "\"primary_owner\"", "\"membership_admin\"",
    ]

    private static func isOne(of words: [StaticString], _ value: UnsafeBufferPointer<UInt8>) -> Bool {
        words.contains { equal(value, $0) }
    }

    private static func equal(_ bytes: UnsafeBufferPointer<UInt8>, _ word: StaticString) -> Bool {
        bytes.isIdentical(to: UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
    }

    private static func date(_ value: UnsafeBufferPointer<UInt8>) -> Timestamp? {
        guard value.first == UInt8(ascii: "\"") else { return nil }
        return Timestamp(rfc3339: value.inner)
    }
}
