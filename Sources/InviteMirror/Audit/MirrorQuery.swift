import GRDB
import InviteCore

/// A query that a command asks of the mirror.
package struct MirrorQuery: Sendable {
    package let sql: String
    package let values: [SQLValue]

    /// What the log recorded, in the order of `seq`.
    package static func events(since: Timestamp?, invite: String?, kind: InviteEvent.Kind?) -> MirrorQuery {
        var conditions = Conditions()
        conditions.add("observed_at >= ?", since.map { .text($0.description) })
        conditions.add("invite_id = ?", invite.map { .text($0) })
        conditions.add("kind = ?", kind.map { .text($0.rawValue) })
        // The plus keeps SQLite from walking the whole log in order, where the index by time finds the few.
        let order = since == nil ? "seq" : "+seq"
        return MirrorQuery(
            sql: "SELECT * FROM invite_event\(conditions.clause) ORDER BY \(order)", values: conditions.values)
    }

    /// The invites as they are, newest first.
    package static func invites(status: String?) -> MirrorQuery {
        var conditions = Conditions()
        conditions.add("status = ?", status.map { .text($0) })
        return MirrorQuery(
            sql: "SELECT * FROM invite\(conditions.clause) ORDER BY invited_at DESC, id", values: conditions.values)
    }

    /// The invites as of an instant.
    package static func versions(at instant: Timestamp, status: String?) -> MirrorQuery {
        var conditions = Conditions()
        conditions.add("valid_from <= ?", .text(instant.description))
        conditions.add("(valid_to > ? OR valid_to IS NULL)", .text(instant.description))
        conditions.add("status = ?", status.map { .text($0) })
        return MirrorQuery(
            sql: "SELECT * FROM invite_version\(conditions.clause) ORDER BY invite_id", values: conditions.values)
    }

    private struct Conditions {
        private var terms: [String] = []
        private(set) var values: [SQLValue] = []

        mutating func add(_ term: String, _ value: SQLValue?) {
            guard let value else { return }
            terms.append(term)
            values.append(value)
        }

        var clause: String { terms.isEmpty ? "" : " WHERE " + terms.joined(separator: " AND ") }
    }
}

extension RowReader {
    /// The row as one JSON object: the columns' names as keys, in their order.
    package var json: String {
        let members = (0..<columnCount).map { column in
            let value =
                switch storage(column) {
                case .null: "null"
                case .integer: String(integer(column))
                case .real: String(real(column))
                case .text: JSONText(string: text(column) ?? "").text
                }
            return "\(JSONText(string: name(column)).text):\(value)"
        }
        return "{" + members.joined(separator: ",") + "}"
    }
}
