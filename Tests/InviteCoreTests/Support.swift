import Foundation
import InviteCore
import Testing

/// SplitMix64: the same seed, the same test.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = state
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }

    /// A new seed for each run, printed so that a run can be repeated: `TEST_SEED=… swift test`.
    static func drawn(for name: String) -> SeededRandom {
        let given = ProcessInfo.processInfo.environment["TEST_SEED"].flatMap { UInt64($0) }
        let seed = given ?? UInt64.random(in: 0...UInt64(UInt32.max))
        print("\(name): TEST_SEED=\(seed)")
        return SeededRandom(seed: seed)
    }
}

func at(_ text: String) -> Timestamp {
    Timestamp(rfc3339: text)!
}

func canonical(_ text: String) throws -> String {
    try canonical(bytes: Array(text.utf8))
}

func canonical(bytes: [UInt8]) throws -> String {
    try JSONScanner.scan(bytes) { scanner in
        let text = try scanner.text()
        try scanner.expectEnd()
        return text
    }
}

/// An invite as the documentation has it; `changes` are JSON texts by name, nil leaves a field out.
func seen(_ changes: [String: String?] = [:]) throws -> SeenInvite {
    var fields: [String: String?] = [
        "id": #""invite_1""#, "email": #""a@example.com""#, "role": #""user""#, "status": #""pending""#,
        "invited_at": #""2026-05-01T00:00:00Z""#, "expires_at": #""2026-05-22T00:00:00Z""#, "type": #""invite""#,
    ]
    fields.merge(changes) { $1 }
    let members = fields.compactMap { name, value in value.map { "\(JSONText(string: name).text):\($0)" } }
    return try SeenInvite(decoding: Array("{\(members.joined(separator: ","))}".utf8))
}

let documentedNames: Set<String> = ["id", "email", "role", "status", "invited_at", "expires_at", "type"]

let observed = at("2026-05-10T12:00:00Z")

func source(
    _ evidence: InviteEvent.Evidence = .listed, at instant: Timestamp = observed, request: String? = "req_1"
) -> Provenance {
    Provenance(evidence: evidence, arrivedAt: instant, requestID: request)
}

/// An invite that the mirror holds, first seen a day before ``observed``.
func known(_ changes: [String: String?] = [:], isListed: Bool = true) throws -> Invite {
    var reconciliation = Reconciliation(knownNames: Set<String>())
    var invite = reconciliation.appear(
        try seen(changes), by: source(at: observed - .seconds(86400), request: "req_0")
    ).invite
    invite.isListed = isListed
    return invite
}

/// What of an event a table spells out.
struct EventShape: Equatable, CustomStringConvertible {
    var kind: InviteEvent.Kind
    var field: String?
    var old: String?
    var new: String?

    init(_ kind: InviteEvent.Kind, _ field: String? = nil, _ old: String? = nil, _ new: String? = nil) {
        (self.kind, self.field, self.old, self.new) = (kind, field, old, new)
    }

    init(_ event: InviteEvent) {
        self.init(event.kind, event.field, event.oldValue, event.newValue)
    }

    var description: String { "\(kind.rawValue) \(field ?? "-"): \(old ?? "NULL") → \(new ?? "NULL")" }

    /// Byte for byte: Swift's own `==` takes two spellings of one letter for equal.
    static func == (left: EventShape, right: EventShape) -> Bool {
        left.kind == right.kind && left.description.utf8.elementsEqual(right.description.utf8)
    }
}

extension Reconciliation {
    init(knownNames names: Set<String>) {
        let exact: Set<ExactText> = Set(names.map { ExactText($0) })
        self.init(knownNames: exact)
    }
}

extension Reconciliation.Bounds {
    /// The same bound for every field.
    init(shown: Timestamp?, lacked: Timestamp?) {
        self.init(status: shown, fields: shown, presence: lacked)
    }
}
