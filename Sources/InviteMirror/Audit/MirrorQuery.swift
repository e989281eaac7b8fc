import GRDB
import InviteCore

/// A query that a command asks of the mirror.
package struct MirrorQuery: Sendable {
    package let sql: String
    package let values: [SQLValue]

    package init(sql: String, values: [SQLValue]) {
        self.sql = sql
        self.values = values
    }

    /// What the log recorded, in the order of `seq`.
    ///
    /// - Parameters:
    ///   - after: only events with a greater `seq`.
    ///   - limit: so many at the most.
    package static func events(
        since: Timestamp?, invite: String?, kind: InviteEvent.Kind?, after: Int? = nil, limit: Int? = nil
    ) -> MirrorQuery {
        var conditions = Conditions()
        conditions.add("seq > ?", after.map { .integer($0) })
        conditions.add("observed_at >= ?", since.map { .text($0.description) })
        conditions.add("invite_id = ?", invite.map { .text($0) })
        conditions.add("kind = ?", kind.map { .text($0.rawValue) })
        // The plus keeps SQLite from walking the whole log in order, where the index by time finds the few. Who takes
        // batch after batch walks on from where it was: nothing is sorted again for each of them.
        let order = since == nil || limit != nil ? "seq" : "+seq"
        return MirrorQuery(
            sql:
                "SELECT * FROM invite_event\(conditions.clause) ORDER BY \(order)\(limit.map { " LIMIT \($0)" } ?? "")",
            values: conditions.values)
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
        MirrorQuery(
            sql: String(decoding: PackageResources.invites_at_sql, as: UTF8.self),
            values: [.text(instant.description), .optional(status)])
    }

    /// What differs between two instants.
    package static func difference(from: Timestamp, to: Timestamp) -> MirrorQuery {
        MirrorQuery(
            sql: String(decoding: PackageResources.diff_sql, as: UTF8.self),
            values: [.text(from.description), .text(to.description)])
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
