import Testing

/// One row of the table: what the API answers, and what exactly comes of it.
struct HostileInput: Sendable, CustomTestStringConvertible {
    let name: String
    let answers: [Answer]
    let exitStatus: Int32
    /// Requests of the pass, retries and new starts included.
    let requests: Int
    let effect: Effect
    var timeout = 60

    enum Effect: Sendable {
        /// The pass has its row, and that is all. `pause` is what is remembered of a `retry-after`: the day.
        case nothing(pause: String? = nil)
        /// The mirror holds these invites (columns and document), and the pass counted so many irregularities.
        case mirrored([String], irregularities: Int)
    }

    var testDescription: String { name }

    /// An answer, four times alike where it is tried again, of which nothing comes.
    static func refused(
        _ name: String, _ exitStatus: Int32, requests: Int = 1, timeout: Int = 60, _ answers: Answer...
    ) -> HostileInput {
        HostileInput(
            name: name, answers: answers, exitStatus: exitStatus, requests: requests, effect: .nothing(),
            timeout: timeout)
    }

    /// An answer that is taken although it looks odd: it shows just the sample.
    static func taken(_ name: String, requests: Int = 1, timeout: Int = 60, _ answers: Answer...) -> HostileInput {
        HostileInput(
            name: name, answers: answers, exitStatus: 0, requests: requests,
            effect: .mirrored([Sample.row()], irregularities: 0), timeout: timeout)
    }

    /// One field of the sample is what no API should send, and is taken as it is.
    ///
    /// - Parameters:
    ///   - json: what is sent for it; nil leaves the field out.
    ///   - column: what its column holds.
    ///   - canonical: what the document holds, where that is not `json`.
    ///   - odd: the irregularities that the pass counts.
    static func field(
        _ name: String, _ field: String, _ json: String?, column: String? = nil, canonical: String? = nil,
        odd: Int = 0
    ) -> HostileInput {
        let row = Sample.row([field: canonical ?? json], columns: [field: column])
        return HostileInput(
            name: "\(field.prefix(20)): \(name)", answers: [.ok(Sample.page([Sample.invite([field: json])]))],
            exitStatus: 0,
            requests: 1, effect: .mirrored([row], irregularities: odd))
    }
}

/// The invite that the hostile answers are made of.
enum Sample {
    private static let members: [String: String] = [
        "email": #""a@example.com""#, "expires_at": #""2024-11-20T23:58:27.427722Z""#, "id": #""invite_1""#,
        "invited_at": #""2024-10-30T23:58:27.427722Z""#, "role": #""user""#, "status": #""pending""#,
        "type": #""invite""#,
    ]
    private static let columns = ["id", "email", "role", "status", "invited_at", "expires_at"]

    /// The invite's object, compact and its names sorted, with some fields other than usual, or left out.
    static func invite(_ changes: [String: String?] = [:]) -> String {
        let all = members.merging(changes.compactMapValues { $0 }) { $1 }
        let names = all.keys.filter { changes[$0] != .some(nil) }
        // The names are ASCII, but for those that a test puts in.
        let sorted = names.sorted { $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars) }
        return "{" + sorted.map { "\"\($0)\":\(all[$0] ?? "")" }.joined(separator: ",") + "}"
    }

    static func page(_ invites: [String] = [invite()], hasMore: String = "false", more: String = "") -> String {
        "{\"data\":[\(invites.joined(separator: ","))],\"has_more\":\(hasMore)\(more)}"
    }

    /// The invite's row, as ``HostileMirror/rows(_:)`` gives it: its columns and its document.
    static func row(_ changes: [String: String?] = [:], columns changed: [String: String?] = [:]) -> String {
        let values = columns.map { name -> String in
            if let change = changed[name] { return change ?? "∅" }
            return String((members[name] ?? "").dropFirst().dropLast())
        }
        return (values + [invite(changes)]).joined(separator: "|")
    }
}
