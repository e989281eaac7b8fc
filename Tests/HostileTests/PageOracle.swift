import Foundation
import GRDB
import InviteCore
import InviteMirror

/// Holds the mirror's own reading of a page against Foundation's and SQLite's.
struct PageOracle {
    struct Verdict {
        var isAccepted = false
        var objections: [String] = []

        mutating func require(_ holds: Bool, _ objection: @autoclosure () -> String) {
            if !holds { objections.append(objection()) }
        }
    }

    private let queue: DatabaseQueue

    init() throws {
        queue = try DatabaseQueue()
    }

    func judge(_ body: [UInt8]) throws -> Verdict {
        var verdict = Verdict()
        do {
            let page = try InvitePage(decoding: body)
            verdict.isAccepted = true
            checkAccepted(body, &verdict)
            try queue.inDatabase { db in
                for invite in page.invites {
                    Self.checkItself(invite, &verdict)
                    try Self.checkDocument(invite, db, &verdict)
                }
            }
        } catch let error as UndecodableAnswer {
            checkRefused(body, error.description, &verdict)
        }
        return verdict
    }

    // MARK: Foundation

    private struct Page: Decodable {
        struct Invite: Decodable { let id: String }
        let data: [Invite]
        let hasMore: Bool

        enum CodingKeys: String, CodingKey {
            case data
            case hasMore = "has_more"
        }
    }

    private func isJSON(_ body: [UInt8]) -> Bool {
        (try? JSONSerialization.jsonObject(with: Data(body), options: .fragmentsAllowed)) != nil
    }

    /// What the mirror accepts is JSON to Foundation too, but for what Foundation cannot hold in its types.
    private func checkAccepted(_ body: [UInt8], _ verdict: inout Verdict) {
        verdict.require(
            isJSON(body) || Self.hasEscapedSurrogate(body) || Self.hasLargeNumber(body),
            "accepted, and no JSON to Foundation")
    }

    /// What the mirror refuses is no page to Foundation either, but for what only Foundation forgives.
    private func checkRefused(_ body: [UInt8], _ sentence: String, _ verdict: inout Verdict) {
        // The mirror is the stricter one on purpose: such a page contradicts itself.
        if sentence.contains("it has two") { return }
        if sentence.contains("nested deeper") { return }
        // Foundation guesses encodings; RFC 8259, section 8.1, wants UTF-8 without a mark.
        if body.starts(with: [0xEF, 0xBB, 0xBF]) || body.contains(0) { return }
        if sentence.hasPrefix("it is not JSON") {
            verdict.require(!isJSON(body) || Self.hasTrailingComma(body), "JSON to Foundation, but \(sentence)")
        } else {
            let page = try? JSONDecoder().decode(Page.self, from: Data(body))
            // Of a name that stands twice Foundation may take the first.
            let isPage = page?.data.allSatisfy { !$0.id.isEmpty } == true
            verdict.require(
                !isPage || Self.hasMoreIDs(body, than: page?.data.count ?? 0), "a page to Foundation, but \(sentence)")
        }
    }

    private static func hasEscapedSurrogate(_ body: [UInt8]) -> Bool {
        let text = String(decoding: body, as: UTF8.self).lowercased()
        return text.contains("\\ud")
    }

    /// Foundation takes it, RFC 8259 does not.
    private static func hasTrailingComma(_ body: [UInt8]) -> Bool {
        String(decoding: body, as: UTF8.self).contains(#/,[ \t\r\n]*[\]}]/#)
    }

    /// Beyond what a `Double` holds.
    private static func hasLargeNumber(_ body: [UInt8]) -> Bool {
        let text = String(decoding: body, as: UTF8.self)
        return text.contains("e400") || text.contains("e-400") || text.contains("1E+2")
    }

    private static func hasMoreIDs(_ body: [UInt8], than invites: Int) -> Bool {
        String(decoding: body, as: UTF8.self).split(separator: "\"id\"").count - 1 > invites
    }

    // MARK: The mirror itself

    private static func checkItself(_ invite: SeenInvite, _ verdict: inout Verdict) {
        let text = invite.document.text
        let again = try? SeenInvite(decoding: Array(text.utf8))
        verdict.require(again?.document == invite.document && again?.id == invite.id, "no fixed point: \(text)")
        verdict.require((again?.irregularities ?? .max) <= invite.irregularities, "irregularities grow: \(text)")
        verdict.require(InviteDocument(invite.document.members) == invite.document, "other members: \(text)")
    }

    // MARK: SQLite

    private static func checkDocument(_ invite: SeenInvite, _ db: Database, _ verdict: inout Verdict) throws {
        let text = invite.document.text
        verdict.require(try db.integer("SELECT json_valid(?1)", [.text(text)]) == 1, "no JSON to SQLite: \(text)")
        // Lone surrogates are no text to SQLite either: it makes bytes of them that are no UTF-8. And it ends at NUL.
        if text.contains("\\ud") || text.contains("\\u0000") { return }
        var names: [String] = []
        try db.run("SELECT key FROM json_each(?1)", [.text(text)]) { names.append($0.text(0) ?? "") }
        let isSorted = zip(names, names.dropFirst()).allSatisfy { left, right in
            left.unicodeScalars.lexicographicallyPrecedes(right.unicodeScalars)
        }
        verdict.require(isSorted, "names not sorted or not unique: \(text)")
        let id = try value(of: "id", in: text, db)
        verdict.require(id.text.isIdentical(to: invite.id), "SQLite reads another id, \(id): \(text)")
        let columns = InviteColumns(of: invite.document)
        for field in InviteColumns.Field.allCases {
            let read = try value(of: field.rawValue, in: text, db)
            let isDate = [.invitedAt, .expiresAt].contains(field) && read.isString
            let agrees = columns[field].isIdentical(to: read.text)
            let isInstant = isDate ? try isSameInstant(read.text ?? "", columns[field] ?? "", db) : false
            verdict.require(agrees || isInstant, "\(field) is \(columns[field] ?? "∅"), to SQLite \(read): \(text)")
        }
    }

    /// What a column should hold, but for the spelling of instants, by SQLite's reading alone.
    private static func value(
        of name: String, in document: String, _ db: Database
    ) throws -> (text: String?, isString: Bool) {
        let sql = """
            SELECT iif(json_type(?1, ?2) = 'text', ?1 ->> ?2, nullif(?1 -> ?2, 'null')), \
            json_type(?1, ?2) = 'text'
            """
        return try db.first(sql, [.text(document), .text("$." + name)]) { ($0.text(0), $0.integer(1) == 1) }
            ?? (nil, false)
    }

    /// Whether a date is the instant that the column spells, to the second, as SQLite computes it.
    private static func isSameInstant(_ date: String, _ column: String, _ db: Database) throws -> Bool {
        let whole = date.replacing(#/\.[0-9]+/#, with: "").uppercased()
        let computed = try db.first("SELECT strftime('%Y-%m-%dT%H:%M:%S', ?1)", [.text(whole)]) { $0.text(0) }
        guard Timestamp(rfc3339: column)?.description == column else { return false }
        // SQLite knows no offsets beyond 14:59, and no days that do not fit its range.
        return computed.flatMap { $0 }.map { $0 == column.prefix(19) } ?? true
    }
}
