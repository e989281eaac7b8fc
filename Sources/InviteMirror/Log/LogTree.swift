import Crypto
import GRDB
import InviteCore

extension MerkleHasher {
    /// With the SHA-256 of swift-crypto.
    package static let crypto = MerkleHasher { bytes in
        SHA256.hash(data: bytes).withUnsafeBytes { MerkleHash($0.load(as: SIMD32<UInt8>.self)) }
    }
}

/// The tree over `invite_event` as it stands in `log_tile`, for the transaction that appends to both.
///
/// Full tiles are written as they fill, the unfinished ones by ``seal(pass:signer:in:)``, at most one for each level.
struct LogTree {
    private var tree: TileTree
    private var hasGrown = false

    static let empty = LogTree(tree: TileTree(hasher: .crypto))

    private init(tree: TileTree) {
        self.tree = tree
    }

    /// The tree as it is stored.
    init(_ db: Database) throws {
        let size = try Self.size(db)
        let edge = try TileTree.edgeCounts(size: size).enumerated().map { level, count in
            let tile = count == 0 ? [] : try TileTable.hashes(db, level: level, position: size >> (8 * (level + 1)))
            return Array(tile.prefix(count))
        }
        guard let tree = TileTree(size: size, edge: edge, hasher: .crypto) else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "log_tile lacks a tile of its right edge")
        }
        self.tree = tree
    }

    /// How many leaves the stored tree has.
    static func size(_ db: Database) throws -> Int {
        try db.integer(
            """
            SELECT position * \(Tile.width) + length(hashes) / \(MerkleHash.byteCount) FROM log_tile \
            WHERE level = 0 ORDER BY position DESC LIMIT 1
            """)
    }

    /// A writer appends to a log only whose tree has just its events.
    ///
    /// - Throws: a ``Failure`` if they differ.
    static func checkSize(_ db: Database, path: String) throws {
        let events = try db.integer("SELECT ifnull(max(seq), 0) FROM invite_event")
        let leaves = try size(db)
        guard events == leaves else {
            throw Failure(
                .database,
                """
                \(path) has \(events) events, but its tree has \(leaves) leaves: something else has written to it. \
                Nothing was done. Keep a copy, and look at what `invite-mirror verify` says of it
                """)
        }
    }

    /// Makes the tree of a database that has events and no tree.
    static func build(_ db: Database) throws {
        var tree = LogTree.empty
        try db.run("SELECT \(LogLeaf.columns) FROM invite_event ORDER BY seq") { row in
            try tree.append(LogLeaf(row).hash, to: db)
        }
        try tree.storeEdge(in: db)
    }

    mutating func append(_ event: InviteEvent, seq: Int, pass: Int, to db: Database) throws {
        try append(LogLeaf(event, seq: seq, pass: pass, hasher: .crypto).hash, to: db)
    }

    private mutating func append(_ leaf: MerkleHash, to db: Database) throws {
        hasGrown = true
        try tree.append(leaf) { try TileTable.store($0, in: db) }
    }

    private func storeEdge(in db: Database) throws {
        for tile in tree.partialTiles { try TileTable.store(tile, in: db) }
    }

    /// Ends a complete pass: stores the right edge, and a signed checkpoint of the tree and of the pass's row, which
    /// must stand already. Nothing is durable before the caller commits.
    func seal(pass: Int, signer: LogSigner, in db: Database) throws {
        if hasGrown { try storeEdge(in: db) }
        let row = try PassRow(db, id: pass)
        let checkpoint = Checkpoint(origin: signer.name, size: tree.size, root: tree.root, pass: row)
        try LogKeys.note(signer.verifierKey, pass: pass, in: db)
        try db.run(
            "INSERT INTO log_checkpoint (pass_id, tree_size, root_hash, note) VALUES (?1, ?2, ?3, ?4)",
            [
                .integer(pass), .integer(tree.size), .text(tree.root.base64),
                .text(try signer.sign(checkpoint.text)),
            ])
    }
}

extension LogLeaf {
    /// The columns in the order in which they are encoded.
    static let columns = """
        seq, pass_id, invite_id, kind, field, old_value, new_value, evidence, not_before, observed_at, request_id, \
        document
        """

    /// The row as it stands, byte for byte: it must begin with ``columns``.
    init(_ row: RowReader, replacingSeq seq: Int? = nil) {
        self.init(hasher: .crypto)
        for column in 0..<12 {
            if column == 0, let seq { add("\(seq)") } else { row.withBytes(column) { add(bytes: $0) } }
        }
    }
}

/// The rows of `log_tile`.
enum TileTable {
    static func hashes(_ db: Database, level: Int, position: Int) throws -> [MerkleHash] {
        try db.first(
            "SELECT hashes FROM log_tile WHERE level = ?1 AND position = ?2", [.integer(level), .integer(position)]
        ) { row in
            row.withBytes(0) { bytes in
                guard let bytes else { return [] }
                return stride(from: 0, to: bytes.count - MerkleHash.byteCount + 1, by: MerkleHash.byteCount).map {
                    MerkleHash(UnsafeRawBufferPointer(bytes).loadUnaligned(fromByteOffset: $0, as: SIMD32<UInt8>.self))
                }
            }
        } ?? []
    }

    static func store(_ tile: Tile, in db: Database) throws {
        try db.run(
            """
            INSERT INTO log_tile (level, position, hashes) VALUES (?1, ?2, ?3) \
            ON CONFLICT (level, position) DO UPDATE SET hashes = excluded.hashes
            """, [.integer(tile.level), .integer(tile.position), .bytes(tile.hashes.flatMap(\.bytes))])
    }
}
