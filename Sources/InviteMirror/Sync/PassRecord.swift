import GRDB
import InviteCore

/// One pass as it is recorded: a row of the table `sync_pass`.
package struct PassRecord: Sendable, Equatable {
    package var id: Int
    package var scope: Scope
    package var coveredSince: Timestamp?
    package var outcome: Outcome
    package let startedAt: Timestamp
    package var finishedAt: Timestamp?
    package var organizationID: String?
    package var counts: Counts
    package var error: String?

    package enum Scope: String, Sendable { case full, recent }
    package enum Outcome: String, Sendable { case running, complete, incomplete, refused }

    package struct Counts: Sendable, Equatable {
        package var requests = 0
        package var retries = 0
        package var pages = 0
        package var listed = 0
        package var appeared = 0
        package var changed = 0
        package var vanished = 0
        package var irregularities = 0

        package init() {}
    }

    package init(id: Int, scope: Scope, startedAt: Timestamp) {
        self.id = id
        self.scope = scope
        outcome = .running
        self.startedAt = startedAt
        counts = Counts()
    }
}

extension PassRecord {
    static let columns = """
        id, scope, covered_since, outcome, started_at, finished_at, organization_id, requests, retries, pages, \
        listed, appeared, changed, vanished, irregularities, error
        """

    init(_ row: RowReader) throws {
        guard let scope = row.text(1).flatMap(Scope.init(rawValue:)), let started = row.instant(4),
            let outcome = row.text(3).flatMap(Outcome.init(rawValue:))
        else { throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "a row of sync_pass cannot be read") }
        self.init(id: row.integer(0), scope: scope, startedAt: started)
        coveredSince = row.instant(2)
        self.outcome = outcome
        finishedAt = row.instant(5)
        organizationID = row.text(6)
        counts.requests = row.integer(7)
        counts.retries = row.integer(8)
        counts.pages = row.integer(9)
        counts.listed = row.integer(10)
        counts.appeared = row.integer(11)
        counts.changed = row.integer(12)
        counts.vanished = row.integer(13)
        counts.irregularities = row.integer(14)
        error = row.text(15)
    }

    /// Inserts the row of a pass that starts: its id.
    static func insert(scope: Scope, startedAt: Timestamp, into db: Database) throws -> Int {
        try db.first(
            "INSERT INTO sync_pass (scope, outcome, started_at) VALUES (?1, 'running', ?2) RETURNING id",
            [.text(scope.rawValue), .text(startedAt.description)]
        ) { $0.integer(0) } ?? 0
    }

    func update(in db: Database) throws {
        try db.run(
            """
            UPDATE sync_pass SET covered_since = ?2, outcome = ?3, finished_at = ?4, organization_id = ?5, \
            requests = ?6, retries = ?7, pages = ?8, listed = ?9, appeared = ?10, changed = ?11, vanished = ?12, \
            irregularities = ?13, error = ?14, scope = ?15 WHERE id = ?1
            """,
            [
                .integer(id), .optional(coveredSince?.description), .text(outcome.rawValue),
                .optional(finishedAt?.description), .optional(organizationID), .integer(counts.requests),
                .integer(counts.retries), .integer(counts.pages), .integer(counts.listed), .integer(counts.appeared),
                .integer(counts.changed), .integer(counts.vanished), .integer(counts.irregularities),
                .optional(error), .text(scope.rawValue),
            ])
    }
}
