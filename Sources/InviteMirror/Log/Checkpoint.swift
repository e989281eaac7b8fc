import Foundation
import GRDB
import InviteCore

extension MerkleHash {
    package var base64: String { Data(bytes).base64EncodedString() }

    package init?(base64 text: some StringProtocol) {
        guard let data = Data(base64Encoded: String(text)) else { return nil }
        self.init(data)
    }
}

/// What a signed checkpoint says of the pass that it ends: the facts on which the report's coverage rests.
package struct PassRow: Sendable, Equatable {
    package let id: Int
    package let scope: String
    package let coveredSince: String?
    package let startedAt: String
    package let finishedAt: String?
    /// Over the whole row: `sync-pass/1` and the sixteen columns, encoded as those of an event.
    package let hash: MerkleHash

    init(_ db: Database, id: Int) throws {
        let row = try db.first("SELECT \(PassRecord.columns) FROM sync_pass WHERE id = ?1", [.integer(id)]) {
            PassRow($0)
        }
        guard let row else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "row \(id) of sync_pass is gone")
        }
        self = row
    }

    /// From a row of ``PassRecord/columns``.
    init(_ row: RowReader) {
        var leaf = LogLeaf(hasher: .crypto, version: "sync-pass/1\n")
        for column in 0..<16 { row.withBytes(column) { leaf.add(bytes: $0) } }
        id = row.integer(0)
        scope = row.text(1) ?? ""
        coveredSince = row.text(2)
        startedAt = row.text(4) ?? ""
        finishedAt = row.text(5)
        hash = leaf.hash
    }

    fileprivate init?(line: Substring) {
        let words = line.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 7, words[0] == "pass", let id = Int(words[1]), let hash = MerkleHash(base64: words[6])
        else { return nil }
        self.id = id
        scope = String(words[2])
        coveredSince = words[3] == "-" ? nil : String(words[3])
        startedAt = String(words[4])
        finishedAt = words[5] == "-" ? nil : String(words[5])
        self.hash = hash
    }

    fileprivate var line: String {
        "pass \(id) \(scope) \(coveredSince ?? "-") \(startedAt) \(finishedAt ?? "-") \(hash.base64)"
    }
}

/// A C2SP tlog-checkpoint: origin, size and root of the tree, and in one extension line the pass that it ends.
package struct Checkpoint: Sendable, Equatable {
    package let origin: String
    package let size: Int
    package let root: MerkleHash
    /// Nil in a checkpoint of another log.
    package let pass: PassRow?

    init(origin: String, size: Int, root: MerkleHash, pass: PassRow) {
        self.origin = origin
        self.size = size
        self.root = root
        self.pass = pass
    }

    /// Reads the text of a note, which ends with a line break.
    package init?(text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count >= 4, lines.last == "", !lines[0].isEmpty, let size = Int(lines[1]), size >= 0,
            String(size) == lines[1], let root = MerkleHash(base64: lines[2])
        else { return nil }
        origin = String(lines[0])
        self.size = size
        self.root = root
        pass = lines[3...].lazy.compactMap { PassRow(line: $0) }.first
    }

    /// What is signed.
    package var text: String {
        "\(origin)\n\(size)\n\(root.base64)\n" + (pass.map { "\($0.line)\n" } ?? "")
    }
}

/// A row of `log_checkpoint`.
package struct StoredCheckpoint: Sendable, Equatable {
    package let pass: Int
    package let size: Int
    package let root: String
    package let note: String

    static let columns = "pass_id, tree_size, root_hash, note"

    init(_ row: RowReader, startingAt first: Int = 0) {
        pass = row.integer(first)
        size = row.integer(first + 1)
        root = row.text(first + 2) ?? ""
        note = row.text(first + 3) ?? ""
    }

    /// The newest one; nil before the first complete pass with this version of the program.
    static func newest(_ db: Database) throws -> StoredCheckpoint? {
        try db.first("SELECT \(columns) FROM log_checkpoint ORDER BY pass_id DESC LIMIT 1") { StoredCheckpoint($0) }
    }
}

extension MirrorStore {
    /// The newest checkpoint that there is, of whatever pass.
    package func newestCheckpoint() throws -> StoredCheckpoint? {
        try access { db in try StoredCheckpoint.newest(db) }
    }
}
