import GRDB
import InviteCore

/// The rows of `log_checkpoint`, held against their signatures, the passes and the roots of the events.
struct SignedHistory {
    private(set) var count = 0
    private(set) var firstPass = 0
    private(set) var newest: StoredCheckpoint?
    /// The first thing that is wrong with a checkpoint itself or with the pass that it is of.
    private(set) var problem: (Verification.ReasonCode, String)?
    /// The first checkpoint that holds and whose root is not that of the events: they cover it from `after` on.
    private(set) var firstWrongRoot: (pass: Int, size: Int, after: Int)?

    private let keys: [LogVerifierKey]
    /// Those that the database names, trusted or not.
    private let named: [LogVerifierKey]
    private let roots: [Int: MerkleHash]

    /// - Parameter roots: of the events, at the sizes of all checkpoints as far as there are so many events.
    init(_ db: Database, keys: [LogVerifierKey], roots: [Int: MerkleHash]) throws {
        self.keys = keys
        named = try LogKeys.all(db).compactMap { LogVerifierKey($0) }
        self.roots = roots
        let columns = PassRecord.columns.split(separator: ", ").map { "sync_pass.\($0)" }.joined(separator: ", ")
        try db.run(
            """
            SELECT \(columns), log_checkpoint.pass_id, tree_size, root_hash, note \
            FROM log_checkpoint LEFT JOIN sync_pass ON id = pass_id ORDER BY log_checkpoint.pass_id
            """
        ) { row in
            let stored = StoredCheckpoint(row, startingAt: 16)
            take(stored, row.storage(0) == .null ? nil : PassRow(row))
        }
        guard problem == nil, count > 0 else { return }
        let without = try db.first(
            """
            SELECT id FROM sync_pass WHERE outcome = 'complete' AND id > ?1 \
            AND id NOT IN (SELECT pass_id FROM log_checkpoint) ORDER BY id LIMIT 1
            """, [.integer(firstPass)]
        ) { $0.integer(0) }
        if let without {
            problem = (.missingCheckpoint, "pass \(without) is complete, but its checkpoint is missing")
        }
    }

    private mutating func take(_ stored: StoredCheckpoint, _ row: PassRow?) {
        let before = newest
        newest = stored
        if count == 0 { firstPass = stored.pass }
        count += 1
        guard problem == nil else { return }
        let what = "the checkpoint of pass \(stored.pass)"
        guard let note = SignedNote(stored.note), let checkpoint = Checkpoint(text: note.text) else {
            problem = (.badSignature, "\(what) is no signed note")
            return
        }
        guard note.signer(among: keys) != nil else {
            let detail =
                note.signer(among: named).map {
                    """
                    \(what) is signed by \($0), which was not given: the log goes on with another key there. If who \
                    runs it has told you so, give that key too
                    """
                } ?? "the signature of \(what) does not hold, or is by a key not trusted"
            problem = (.badSignature, detail)
            return
        }
        guard checkpoint.size == stored.size, checkpoint.root.base64 == stored.root,
            checkpoint.pass?.id == stored.pass, before.map({ $0.size <= stored.size }) ?? true
        else {
            problem = (.badSignature, "the row of \(what) does not say what its note says")
            return
        }
        guard checkpoint.pass == row else {
            problem = (.alteredPass, "the row of pass \(stored.pass) in sync_pass is not what was signed")
            return
        }
        if let root = roots[checkpoint.size], root != checkpoint.root, firstWrongRoot == nil {
            firstWrongRoot = (stored.pass, checkpoint.size, before?.size ?? 0)
        }
    }
}
