import InviteCore

/// Holds the log against what truly happened.
struct Judge {
    /// True instants by what the mirror's clock showed at them.
    private var trueInstants: [String: [Timestamp]] = [:]
    /// Once the clock was set, a lower bound may be unknown.
    var clockWasSet = false
    /// Whether an invite may move in the listing while it is read, so that a listing may lack what is there. That one
    /// did lack it is then all that can be known of an invite's absence.
    let listingMoves: Bool

    init(listingMoves: Bool) {
        self.listingMoves = listingMoves
    }

    mutating func note(shown: Timestamp, now: Timestamp) {
        trueInstants[shown.description, default: []].append(now)
    }

    // MARK: Soundness

    func check(
        _ snapshot: Snapshot, from seq: Int, answers: [SimulatedWorld.Answered], samples: [SimulatedWorld.Sample]
    ) async throws {
        for (index, event) in snapshot.events.enumerated() where event.seq != index + 1 {
            throw Wrong("event \(event.seq) stands where \(index + 1) should")
        }
        if let pass = snapshot.newestPass, pass.outcome == "complete" {
            let lists = answers.filter { $0.getID == nil && $0.status == 200 }
            let hasEnd = lists.last?.isLast == true || pass.coveredSince.map { reaches(lists.last, below: $0) } ?? false
            guard hasEnd, (pass.coveredSince != nil) == (pass.scope == "recent") else {
                throw Wrong("pass \(pass.id) took a listing without an end")
            }
        }
        let new = snapshot.events.filter { $0.seq > seq }
        guard !new.isEmpty else { return try checkCounts(snapshot, []) }
        let byID = Dictionary(answers.map { ($0.requestID, $0) }) { $1 }
        for event in new {
            guard let answer = event.requestID.flatMap({ byID[$0] }) else {
                throw Wrong("event \(event.seq) names a response that was never delivered")
            }
            do {
                try check(event, by: answer, answers: answers, samples: samples)
            } catch let wrong as Wrong {
                throw Wrong(
                    """
                    event \(event.seq) (\(event.inviteID) \(event.kind) \(event.field ?? "") \
                    \(event.old ?? "null") → \(event.new ?? "null"), \(event.evidence), after \
                    \(event.notBefore ?? "null"), \(event.observedAt)): \(wrong.sentence)
                    """)
            }
        }
        try checkCounts(snapshot, new)
    }

    private func checkCounts(_ snapshot: Snapshot, _ new: [Snapshot.Event]) throws {
        guard let pass = snapshot.newestPass else { return }
        let appeared = new.filter { $0.kind == "appeared" }.count
        let changed = Set(new.filter { $0.kind.hasSuffix("_changed") }.map(\.inviteID)).count
        guard pass.appeared == appeared, pass.changed == changed else {
            throw Wrong("pass \(pass.id) counts \(pass.appeared) appeared and \(pass.changed) changed")
        }
        let gone = new.filter { $0.kind == "vanished" || ($0.new == "deleted" && $0.evidence != "listed") }
        guard pass.vanished == Set(gone.map(\.inviteID)).count else {
            throw Wrong("pass \(pass.id) counts \(pass.vanished) vanished")
        }
    }

    private func check(
        _ event: Snapshot.Event, by answer: SimulatedWorld.Answered, answers: [SimulatedWorld.Answered],
        samples: [SimulatedWorld.Sample]
    ) throws {
        try checkEvidence(event, answer, answers)
        let name = event.kind == "status_changed" ? "status" : event.field
        switch event.kind {
        case "appeared":
            guard event.notBefore == nil, answer.shown[event.inviteID]?["status"] == .some(event.new) else {
                throw Wrong("it was not shown so")
            }
        case "status_changed" where event.evidence == "not_found": break
        case "status_changed", "field_changed":
            guard answer.shown[event.inviteID]?[name ?? ""] == .some(event.new) else {
                throw Wrong("the response shows another value")
            }
        default: break
        }
        guard event.kind != "appeared" else { return }
        try checkInterval(event, answer, samples, name: name)
    }

    private func checkEvidence(
        _ event: Snapshot.Event, _ answer: SimulatedWorld.Answered, _ answers: [SimulatedWorld.Answered]
    ) throws {
        switch event.evidence {
        case "listed":
            guard answer.getID == nil, answer.shown[event.inviteID] != nil else { throw Wrong("no page showed it") }
        case "fetched":
            guard answer.getID == event.inviteID, answer.status == 200 else { throw Wrong("Get did not show it") }
        default:
            guard answer.getID == event.inviteID, answer.status == 404 else { throw Wrong("Get did not say 404") }
        }
        guard event.evidence != "listed" else { return }
        // The pages of the listing that was taken: those since the last one that was asked for from the top.
        let pages = answers.filter { $0.pass == answer.pass && $0.getID == nil && $0.status == 200 }
        let last = pages.lastIndex { $0.isTop } ?? 0
        if pages[last...].contains(where: { $0.shown[event.inviteID] != nil }) {
            throw Wrong("the listing of the same pass has it")
        }
    }

    /// Whether the old state could be seen after `not_before`, and before the response that shows the new one.
    private func checkInterval(
        _ event: Snapshot.Event, _ answer: SimulatedWorld.Answered, _ samples: [SimulatedWorld.Sample], name: String?
    ) throws {
        guard let notBefore = event.notBefore else {
            if clockWasSet { return }
            throw Wrong("it has no lower bound")
        }
        guard notBefore < event.observedAt else { throw Wrong("its interval is empty") }
        guard let starts = trueInstants[notBefore] else { throw Wrong("its lower bound is not the start of a pass") }
        let isOld: (SimulatedWorld.Sample) -> Bool = { sample in
            let (listed, got) = (sample.listed(event.inviteID), sample.got(event.inviteID))
            switch event.kind {
            case "vanished": return listed != nil || got != nil
            case "reappeared": return listed == nil || listingMoves
            default:
                let name = name ?? ""
                // A deletion that was learnt from a 404 is a state that no answer spells.
                if event.old == "deleted" && name == "status" && (listed == nil || got == nil) { return true }
                return [listed, got].contains { shown in
                    // A field that was not there before is null, as one that is null.
                    shown.map { ($0[name] ?? .some(nil)) == event.old } ?? false
                }
            }
        }
        let isSound = starts.contains { start in
            samples.contains { $0.instant >= start && $0.instant <= answer.arrivedAt && isOld($0) }
        }
        guard isSound else { throw Wrong("the old state was over before its lower bound") }
    }

    private func reaches(_ page: SimulatedWorld.Answered?, below since: Timestamp) -> Bool {
        page?.shown.values.contains { $0.isInvited(since: since) == false } ?? false
    }

    // MARK: Completeness

    /// After an undisturbed pass the mirror equals what the API shows, but for absences that are not settled; after a
    /// recent one, in its range, and wherever an invite could still change.
    static func checkEquals(_ snapshot: Snapshot, listing all: [String: ShownInvite]) throws {
        let since = snapshot.newestPass?.coveredSince
        let listing = all.filter { invite in since.map { invite.value.isInvited(since: $0) == true } ?? true }
        for row in snapshot.rows where row.isListed && !row.isAbsent {
            let isPending = row.columns["status"] == .some("pending")
            if let since, let text = row.columns["invited_at"] ?? nil, text < since.description, !isPending { continue }
            guard let shown = all[row.id] else { throw Wrong("\(row.id) is mirrored as listed, and is not") }
            for name in Snapshot.columns {
                guard let value = shown[name] else { continue }
                guard value == row.columns[name] ?? nil else {
                    throw Wrong("\(row.id) has \(name) \(row.columns[name].flatMap { $0 } ?? "null")")
                }
            }
        }
        let listed = Set(snapshot.rows.filter { $0.isListed && !$0.isAbsent }.map(\.id))
        for id in listing.keys where !listed.contains(id) { throw Wrong("\(id) is listed, and not mirrored as such") }
    }
}
