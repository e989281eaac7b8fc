import GRDB
import InviteCore

/// Checks the log against its tree, its signed checkpoints, and what an auditor kept.
struct LogVerification {
    private let db: Database
    private let pins: Verification.Pins
    private let pinnedNotes: [PinnedNote]
    private let walk: LogWalk
    private let keys: [LogVerifierKey]
    private let signed: SignedHistory

    typealias Check = Verification.Check

    init(_ db: Database, _ pins: Verification.Pins) throws {
        self.db = db
        self.pins = pins
        keys = pins.keys.isEmpty ? try LogKeys.all(db).compactMap { LogVerifierKey($0) } : pins.keys
        pinnedNotes = pins.notes.map { PinnedNote($0) }
        var sizes: Set<Int> = []
        try db.run("SELECT DISTINCT tree_size FROM log_checkpoint") { sizes.insert($0.integer(0)) }
        sizes.formUnion(pinnedNotes.compactMap { $0.checkpoint?.size })
        walk = try LogWalk(db, sizes: sizes, from: pins.from, to: pins.to)
        signed = try SignedHistory(db, keys: keys, roots: walk.roots)
    }

    // MARK: The events

    /// What was asked for, and what there is.
    func range() throws -> Check {
        let asked =
            pins.from == nil && pins.to == nil
            ? "everything" : "\(pins.from?.description ?? "the start") to \(pins.to?.description ?? "the end")"
        let found = walk.observed.map { "\(walk.inRange.grouped) events, observed \($0.first) to \($0.last)" }
        let passes = try db.first(
            """
            SELECT count(*), min(started_at), max(started_at) FROM sync_pass \
            WHERE outcome = 'complete' AND started_at >= ?1 AND started_at < ?2
            """, [.text(pins.from?.description ?? ""), .text(pins.to?.description ?? "~")]
        ) { row in
            row.integer(0) == 0
                ? "no complete pass"
                : "\(row.integer(0).grouped) complete passes, started \(row.text(1) ?? "") to \(row.text(2) ?? "")"
        }
        return Check(
            name: "range", failing: nil,
            detail: "asked for \(asked); found \(found ?? "no event") and \(passes ?? "no complete pass")")
    }

    /// None is missing, in the middle or at the end.
    func sequence() throws -> Check {
        guard let first = walk.firstMissing else {
            return Check(
                name: "sequence", failing: nil,
                detail: walk.count == 0 ? "no events" : "events 1 to \(walk.lastSeq.grouped) without a gap")
        }
        let others = walk.missing == 1 ? "" : ", the first of \(walk.missing.grouped) that are not there"
        return Check(
            name: "sequence", failing: .missing,
            detail: "event \(first) is missing\(others): the tree has \(walk.storedSize.grouped) leaves")
    }

    /// Every byte of every event is what was recorded.
    func events() throws -> Check {
        let name = "events"
        if let first = walk.different.first {
            guard signed.firstWrongRoot != nil || signed.count == 0 else {
                return Check(
                    name: name, failing: .tree,
                    detail: "the stored hash of event \(first) is wrong, though the event is as it was signed")
            }
            if let place = try LogWalk.place(of: first, in: db), place != first {
                return Check(
                    name: name, failing: .reordered,
                    detail: "event \(first) is out of order: what was recorded as \(first) now stands as \(place)")
            }
            return Check(
                name: name, failing: .altered,
                detail: "event \(first) is not what was recorded: its hash is not the one in the tree")
        }
        if walk.lastSeq > walk.storedSize {
            return Check(
                name: name, failing: .unsigned,
                detail: "event \(walk.storedSize + 1) stands in no tree: it was not appended by invite-mirror")
        }
        if let wrong = signed.firstWrongRoot, walk.firstMissing == nil {
            return Check(
                name: name, failing: .altered,
                detail: """
                    events \(wrong.after + 1) to \(wrong.size) are not all what was signed: the tree was made anew to \
                    fit them, but its root is not that of the checkpoint of pass \(wrong.pass)
                    """)
        }
        if let tile = walk.wrongTile, walk.firstMissing == nil {
            return Check(
                name: name, failing: .tree,
                detail: "tile \(tile.position) of level \(tile.level) is not that of the events")
        }
        return Check(
            name: name, failing: nil,
            detail: "\(walk.count.grouped) events checked, every byte: their tree is the stored one")
    }

    // MARK: The checkpoints

    func checkpoints() throws -> Check {
        let name = "signed"
        if let (code, detail) = signed.problem { return Check(name: name, failing: code, detail: detail) }
        guard let newest = signed.newest else {
            return Check(name: name, failing: nil, detail: "no checkpoint yet: the next complete pass signs the first")
        }
        guard newest.size >= walk.lastSeq else {
            return Check(
                name: name, failing: .unsigned,
                detail: "event \(newest.size + 1) is covered by no checkpoint: the newest covers \(newest.size)")
        }
        let passes = try db.integer(
            "SELECT count(*) FROM sync_pass WHERE outcome = 'complete' AND id < ?1", [.integer(signed.firstPass)])
        let before = passes == 0 ? "" : "; \(passes.grouped) older passes had none"
        let source = pins.keys.isEmpty ? "named by the database itself (compare with `log-key`)" : "given"
        return Check(
            name: name, failing: nil,
            detail: """
                \(signed.count.grouped) checkpoints hold, the newest of pass \(newest.pass) over \
                \(newest.size.grouped) events\(before); \(keys.count == 1 ? "the key is" : "the keys are") \(source): \
                \(keys.map(\.description).joined(separator: " "))
                """)
    }

    /// What the auditor kept: only that shows that a history was exchanged as a whole.
    func pinned() throws -> [Check] {
        let newestPass = try db.integer("SELECT ifnull(max(id), 0) FROM sync_pass")
        return try pinnedNotes.map { note in
            let (code, detail) = try judge(note, newestPass: newestPass)
            return Check(name: "pinned", failing: code, detail: detail)
        }
    }

    private func judge(_ pin: PinnedNote, newestPass: Int) throws -> (Verification.ReasonCode?, String) {
        guard let note = pin.note, let kept = pin.checkpoint else {
            return (.badSignature, "the checkpoint that was kept is no signed note of a log")
        }
        guard note.signer(among: keys) != nil else {
            let reason = "the checkpoint that was kept is not signed by a key of this log"
            return (.badSignature, "\(reason): it is another log's, or the keys were exchanged")
        }
        if kept.size > walk.lastSeq {
            let reason = "the checkpoint that was kept covers \(kept.size) events, the log has \(walk.lastSeq)"
            return (.rolledBack, "\(reason): it was set back to an older state")
        }
        if walk.roots[kept.size] != kept.root {
            let reason = "the first \(kept.size) events are not those of the checkpoint that was kept"
            return (.rewritten, "\(reason): the history was written anew and signed again")
        }
        if let pass = kept.pass {
            if pass.id > newestPass {
                let reason = "the checkpoint that was kept is of pass \(pass.id), the newest pass is \(newestPass)"
                return (.rolledBack, "\(reason): the database was set back to an older state")
            }
            let stored = try db.first("SELECT note FROM log_checkpoint WHERE pass_id = ?1", [.integer(pass.id)]) {
                $0.text(0).flatMap { SignedNote($0) }?.text
            }
            guard stored == note.text else {
                return (.rewritten, "pass \(pass.id) is not what the checkpoint that was kept says of it")
            }
        }
        return (nil, "the first \(kept.size.grouped) events are those of the checkpoint that was kept")
    }
}

/// A checkpoint that was kept, as far as it can be read.
private struct PinnedNote {
    let note: SignedNote?
    let checkpoint: Checkpoint?

    init(_ text: String) {
        note = SignedNote(text)
        checkpoint = note.flatMap { Checkpoint(text: $0.text) }
    }
}
