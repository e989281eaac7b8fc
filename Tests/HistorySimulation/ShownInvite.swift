import Foundation
import InviteCore

/// An invite as an answer shows it, read by Foundation and not by the mirror: each field as a column would hold it.
struct ShownInvite: Sendable, Equatable {
    let id: String
    /// By name; a field that is null has the value nil.
    let fields: [String: String?]

    init?(_ object: [String: Any]) {
        guard let id = object["id"] as? String, !id.isEmpty else { return nil }
        self.id = id
        fields = object.mapValues(Self.text)
    }

    /// What the answer says of a field; nil in the outer sense where it leaves the field out.
    subscript(name: String) -> String?? { fields[name] }

    /// Nil where the answer does not say when.
    func isInvited(since instant: Timestamp) -> Bool? {
        (fields["invited_at"] ?? nil).flatMap { Timestamp(rfc3339: $0) }.map { $0 >= instant }
    }

    private static func text(_ value: Any) -> String? {
        switch value {
        case let text as String: return text
        case is NSNull: return nil
        default:
            let data = try? JSONSerialization.data(
                withJSONObject: value, options: [.fragmentsAllowed, .sortedKeys, .withoutEscapingSlashes])
            return data.map { String(decoding: $0, as: UTF8.self) }
        }
    }

    static func one(_ body: [UInt8]) -> ShownInvite? {
        (try? JSONSerialization.jsonObject(with: Data(body)) as? [String: Any]).flatMap(ShownInvite.init)
    }
}
