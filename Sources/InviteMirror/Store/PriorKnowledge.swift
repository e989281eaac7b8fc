import GRDB
import InviteCore

/// What the mirror knew before a pass.
struct PriorKnowledge {
    /// The top-level names of invites, as they are spelt.
    let knownNames: Set<ExactText>
    /// The complete passes, back to the newest full one that lies before the pass.
    let coverage: Coverage

    init(_ db: Database, before instant: Timestamp) throws {
        var names: Set<ExactText> = []
        try db.run("SELECT name FROM field_name") { names.insert(ExactText($0.text(0) ?? "")) }
        knownNames = names
        var passes: [Coverage.Pass] = []
        try db.run(
            """
            SELECT started_at, covered_since FROM sync_pass WHERE outcome = 'complete' AND id >= ( \
            SELECT max(id) FROM sync_pass WHERE outcome = 'complete' AND scope = 'full' AND started_at < ?1) \
            ORDER BY id DESC
            """, [.text(instant.description)]
        ) { row in
            if let started = row.instant(0) { passes.append(.init(startedAt: started, since: row.instant(1))) }
        }
        coverage = Coverage(newestFirst: passes)
    }
}
