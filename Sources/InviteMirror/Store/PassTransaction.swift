import GRDB
import InviteCore

/// Everything that one pass changes, in one transaction, which stays open while the pages arrive.
///
/// Nothing of it is durable before ``commit(_:)``; a listing that starts again, a refusal, an error or a crash leaves
/// the file as it was, but for the row of the pass. Readers see the state before until then.
package final class PassTransaction {
    private let store: MirrorStore
    private let pass: PassRecord
    private var reconciliation: Reconciliation
    private var listing = Listing()
    /// The invites of the listing whose answer was not just what the mirror holds.
    private var compared = Listing()
    private var nextSeq = 0
    private var tree = LogTree.empty
    private var appeared = 0
    private var changed = 0
    private var vanished = 0
    private var irregularities = 0
    /// Invites of this listing that were listed before.
    private var stillListed = 0
    /// Something that a listing in order, seen down to where nothing can change any more, does not bring.
    private var isOdd = false
    private var lack: (count: Int, of: Int)?
    private var isOpen = false
    /// The invites of the page that was taken last.
    private var taken: ArraySlice<SeenInvite> = []
    /// Where the newest stored invite was found.
    private var newest = 0
    private var filling: FirstFilling?

    private let prior: PriorKnowledge

    /// Records that a pass starts, durably, and opens its transaction.
    package init(_ store: MirrorStore, scope: PassRecord.Scope = .full, startedAt: Timestamp) throws {
        self.store = store
        let id = try store.access { db in try PassRecord.insert(scope: scope, startedAt: startedAt, into: db) }
        pass = PassRecord(id: id, scope: scope, startedAt: startedAt)
        prior = try store.access { db in try PriorKnowledge(db, before: startedAt) }
        reconciliation = Reconciliation(knownNames: prior.knownNames)
    }

    /// The row of the pass as it was recorded at its start.
    package var record: PassRecord { pass }
    package var cursor: String? { listing.cursor }
    package var listedCount: Int { listing.count }
    /// Of a recent listing that has ended: what it covered.
    package var coveredSince: Timestamp? { listing.coveredSince }
    /// Whether the listing is believed: a recent one in which anything is odd is not, and everything must be listed. So
    /// it is with a name that is new: the first pass that meets it adopts it everywhere.
    package var fits: Bool { listing.range == nil || !(isOdd || !reconciliation.newNames.isEmpty) }
    /// Fields that neither the documentation nor the mirror knew.
    package var unknownNames: Set<ExactText> { reconciliation.unknownNames }

    // MARK: The listing

    /// Starts a listing from the top; what an earlier one of this pass brought is forgotten.
    ///
    /// - Parameter range: how far down it goes; everything where nil.
    package func startListing(_ range: RecentRange?) throws {
        try rollBack()
        listing = Listing(range)
        compared = Listing()
        reconciliation = Reconciliation(knownNames: prior.knownNames)
        (appeared, changed, vanished, irregularities, stillListed) = (0, 0, 0, 0, 0)
        newest = 0
        isOdd = false
        lack = nil
        try store.access { db in
            try db.beginTransaction(.immediate)
            isOpen = true
            nextSeq = try db.integer("SELECT ifnull(max(seq), 0) + 1 FROM invite_event")
            let isEmpty = try nextSeq == 1 && db.integer("SELECT EXISTS (SELECT * FROM invite)") == 0
            filling = isEmpty ? try FirstFilling(db) : nil
            tree = try LogTree(db)
        }
    }

    /// Takes a page into the listing: what follows it. Its invites wait for ``apply(by:)``.
    package func take(_ page: InvitePage) throws(Listing.Contradiction) -> Listing.Step {
        let (step, invites) = try listing.take(page)
        taken = invites
        return step
    }

    /// Compares the page that was taken with the mirror and applies what changed. It throws ``Listing/Contradiction``
    /// too.
    package func apply(by source: Provenance) throws {
        try store.access { db in
            let table = try InviteTable(db)
            // While an empty mirror is filled, all that can be found is what this listing has brought.
            var stored = filling == nil ? try StoredInvites(table, after: newest) : nil
            var irregular = 0
            defer {
                irregularities += irregular
                newest = stored?.newest ?? newest
                stored?.end()
            }
            for seen in taken {
                irregular += seen.irregularities
                switch try stored?.find(seen) {
                case .unchanged(let position):
                    try listing.mark(seen.id, at: position)
                    stillListed += 1
                case .known(let known, let position):
                    try listing.mark(seen.id, at: position)
                    if known.isListed { stillListed += 1 }
                    try compared.mark(seen.id, at: position)
                    try compare(known, at: position, with: seen, by: source, in: table)
                case nil:
                    let change = reconciliation.appear(seen, by: source)
                    guard let position = try table.insert(change.invite) else {
                        throw Listing.Contradiction.repeatedID(seen.id)
                    }
                    try listing.mark(seen.id, at: position)
                    appeared += 1
                    try append(change.events, to: table)
                }
            }
        }
        taken = []
    }

    private func compare(
        _ known: Invite, at position: Int, with seen: SeenInvite, by source: Provenance, in table: InviteTable
    ) throws {
        let absences = AbsenceTable(db: table.db)
        let invitedAt = known.columns.invitedAt.flatMap { Timestamp(rfc3339: $0) }
        let covered = prior.coverage.newestStart(covering: invitedAt, before: source.arrivedAt)
        func usable(_ instant: Timestamp?) -> Timestamp? { instant.flatMap { $0 < source.arrivedAt ? $0 : nil } }
        let lastKnown = try absences.lastKnown(known.id)
        let shownAt = lastKnown.map { usable($0.shownAt) } ?? covered
        let omissions = OmissionTable(db: table.db)
        let noted = try omissions.lastShown(known.id)
        let bounds = Reconciliation.Bounds(
            status: lastKnown?.deletedAt.map { usable($0) } ?? shownAt, fields: shownAt, presence: covered,
            omitted: noted.mapValues { usable($0) })
        try omissions.update(
            known.id, omitted: known.document.names(missingIn: seen), noted: noted, shownAt: shownAt)
        let change = reconciliation.compare(known, with: seen, by: source, bounds: bounds)
        if !known.isListed { try absences.remove(known.id) }
        if let change { try apply(change, to: known, at: position, in: table) }
    }

    private func apply(_ change: InviteChange, to known: Invite, at position: Int, in table: InviteTable) throws {
        try table.update(known, at: position, to: change.invite)
        try append(change.events, to: table)
        if change.events.contains(where: { $0.kind == .statusChanged || $0.kind == .fieldChanged }) { changed += 1 }
        if change.events.contains(where: { $0.kind == .reappeared || $0.field == "invited_at" }) { isOdd = true }
    }

    private func append(_ events: [InviteEvent], to table: InviteTable) throws {
        for event in events {
            try table.append(event, seq: nextSeq, pass: pass.id)
            try tree.append(event, seq: nextSeq, pass: pass.id, to: table.db)
            nextSeq += 1
        }
    }

    // MARK: The absent ones

    /// How many invites that were listed the complete listing lacks, of how many; for a recent one, in its range.
    ///
    /// Counted once: the listing has ended.
    package func absent() throws -> (count: Int, of: Int) {
        if let lack { return lack }
        var (count, known) = (0, 0)
        try store.access { db in
            guard let since = listing.coveredSince else {
                // A listing that has as many invites as there are rows has them all.
                let rows = try db.integer("SELECT ifnull(max(rowid), 0) FROM invite")
                if listing.count == rows {
                    known = stillListed
                    return
                }
                // Every invite of the listing is mirrored as listed by now.
                count = try db.integer("SELECT count(*) FROM invite WHERE listed = 1") - listing.count
                known = count + stillListed
                return
            }
            try InviteTable(db).eachListed(since: since) { row in
                known += 1
                if !listing.contains(position: row.integer(0)) { count += 1 }
            }
        }
        lack = (count, known)
        return (count, known)
    }

    /// Notes which invites the complete listing lacks.
    ///
    /// - Returns: those to ask for, the ones that were asked for longest ago first; at most as many as a pass may.
    package func absentees() throws -> [String] {
        let isComplete = try absent().count == 0
        return try store.access { db in
            let table = AbsenceTable(db: db)
            var listedAgain: [String] = []
            try table.eachOpen { if listing.contains(position: $0.position) { listedAgain.append($0.id) } }
            for id in listedAgain { try table.remove(id) }
            try OmissionTable(db: db).removeAll {
                listing.contains(position: $0) && !compared.contains(position: $0)
            }
            if isComplete { return [] }
            // Rows of `absence` are written while the index is read, which stands in another table.
            try InviteTable(db).eachListed(since: listing.coveredSince) { row in
                guard !listing.contains(position: row.integer(0)), let id = row.text(1) else { return }
                let shown = prior.coverage.newestStart(covering: row.instant(2))
                try table.insert(id, shownAt: shown, pass: pass.id)
            }
            var ids: [String] = []
            try table.eachOpen { open in
                let isCovered = Coverage.Pass(startedAt: pass.startedAt, since: listing.coveredSince)
                    .covers(invitedAt: open.invitedAt)
                if ids.count < Absence.questionsPerPass && isCovered { ids.append(open.id) }
            }
            return ids
        }
    }

    /// Records what Get Invite said of an absent invite.
    package func judge(_ id: String, _ answer: Absence.Answer, by source: Provenance) throws {
        try store.access { db in
            let table = try InviteTable(db)
            let absences = AbsenceTable(db: db)
            try absences.noteAsked(id, pass: pass.id)
            guard let open = try absences.open(id) else { return }
            let known = try table.invite(at: open.position)
            let passes =
                try absences.completePasses(since: open.sincePass, covering: open.invitedAt)
            func usable(_ instant: Timestamp?) -> Timestamp? { instant.flatMap { $0 < source.arrivedAt ? $0 : nil } }
            let omissions = OmissionTable(db: db)
            let noted = try omissions.lastShown(id)
            let shownAt = usable(open.shownAt)
            let change = Absence.judge(
                known, answer, by: source, passesLacking: passes + 1,
                bounds: .init(
                    status: shownAt, fields: shownAt, presence: shownAt, omitted: noted.mapValues { usable($0) }),
                using: &reconciliation)
            if case .shown(let seen) = answer {
                try omissions.update(
                    id, omitted: known.document.names(missingIn: seen), noted: noted, shownAt: open.shownAt)
                irregularities += seen.irregularities
                // Shown and yet not listed: the two answers do not fit, unless it is a deleted one.
                if seen.columns.status != "deleted" {
                    irregularities += 1
                    isOdd = true
                }
            }
            if let change { try apply(change, to: known, at: open.position, in: table) }
            let isListed = change?.invite.isListed ?? true
            if !isListed {
                vanished += 1
                try absences.confirm(id)
            }
            switch answer {
            case .shown: try absences.noteShown(id, at: pass.startedAt)
            case .notFound where change?.invite.columns.status != known.columns.status:
                try absences.noteDeleted(id, at: pass.startedAt)
            case .notFound, .none: break
            }
        }
    }

    // MARK: The end

    /// Makes the pass durable: its changes, and its row as complete, together.
    package func commit(_ draft: PassRecord) throws -> PassRecord {
        var record = draft
        record.outcome = .complete
        note(&record)
        record.counts.listed = listing.count
        record.counts.appeared = appeared
        record.counts.changed = changed
        record.counts.vanished = vanished
        record.counts.irregularities = irregularities + unknownNames.count
        try store.access { db in
            try filling?.end(in: db)
            filling = nil
            for name in reconciliation.newNames.map(\.string).sorted() {
                try db.run(
                    "INSERT INTO field_name (name, first_pass_id) VALUES (?1, ?2)", [.text(name), .integer(pass.id)])
            }
            try db.run("DELETE FROM api_pause")
            if record.scope == .full {
                try ListingPlan.note(isNewestFirst: listing.order.isSeen, by: pass.id, in: db)
            }
            try record.update(in: db)
            try tree.seal(pass: pass.id, signer: store.signer, in: db)
            try db.commit()
            isOpen = false
        }
        return record
    }

    /// Forgets what the pass changed, and records durably how it ended.
    package func abandon(_ draft: PassRecord) throws -> PassRecord {
        var record = draft
        note(&record)
        record.counts.listed = listing.count
        record.counts.irregularities = irregularities
        try rollBack()
        try store.access { db in try record.update(in: db) }
        return record
    }

    private func note(_ record: inout PassRecord) {
        record.scope = listing.range == nil ? .full : .recent
        record.coveredSince = listing.coveredSince
    }

    package func rollBack() throws {
        guard isOpen else { return }
        isOpen = false
        try store.access { db in
            defer { filling?.release(db) }
            // SQLite may have rolled back by itself, as it does when the disk is full.
            if db.isInsideTransaction { try db.rollback() }
        }
    }
}
