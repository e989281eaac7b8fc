import GRDB
import InviteCore

/// A walk along the stored invites in the order in which they were first seen, to hold a page against them. A listing
/// mostly has the same order, and then each invite is found one step after the other, without a search.
struct StoredInvites {
    private let table: InviteTable
    private let statement: Statement
    /// The row at which the statement stands; nil behind the last.
    private var row: RowReader?
    /// Where the newest one was found.
    private(set) var newest: Int

    /// What is stored of an invite that was seen, and where: its position is its rowid, which never changes.
    enum Found {
        /// It is listed, and its document is just what was seen.
        case unchanged(at: Int)
        indirect case known(Invite, at: Int)
    }

    /// - Parameter position: where the newest one was found, of the page before.
    init(_ table: InviteTable, after position: Int) throws {
        self.table = table
        newest = position
        statement = try table.db.cachedStatement(
            sql: "SELECT rowid, listed, document, id FROM invite WHERE rowid > ?1 ORDER BY rowid")
        try start(after: position)
    }

    mutating func find(_ seen: SeenInvite) throws -> Found? {
        if let row {
            // The id is part of the document.
            let hasDocument = row.withBytes(2) { $0.map(seen.isDocument) ?? false }
            if hasDocument || row.withBytes(3, { $0.map(seen.isID) ?? false }) {
                let (position, isUnchanged) = (row.integer(0), hasDocument && row.integer(1) == 1)
                newest = position
                self.row = try statement.step()
                return try found(at: position, isUnchanged: isUnchanged)
            }
        }
        let elsewhere = try table.db.first(
            "SELECT rowid, listed, document FROM invite WHERE id = ?1", [.text(seen.id)]
        ) { row in
            (row.integer(0), row.integer(1) == 1 && row.withBytes(2) { $0.map(seen.isDocument) ?? false })
        }
        guard let (position, isUnchanged) = elsewhere else { return nil }
        // Two neighbours in a row: from here on the order may be the same.
        if position == newest + 1 { try start(after: position) }
        newest = position
        return try found(at: position, isUnchanged: isUnchanged)
    }

    private func found(at position: Int, isUnchanged: Bool) throws -> Found {
        isUnchanged ? .unchanged(at: position) : .known(try table.invite(at: position), at: position)
    }

    private mutating func start(after position: Int) throws {
        statement.rewind()
        try statement.bind(position, at: 1)
        row = try statement.step()
    }

    /// Lets go of the rows.
    func end() {
        statement.rewind()
    }
}
