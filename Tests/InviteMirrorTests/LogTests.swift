import Foundation
import GRDB
import InviteCore
import Testing

@testable import InviteMirror

@Suite struct LogTests {
    @Test("the log of some passes verifies, and a later pass over the same listing writes two rows and no more")
    func grows() throws {
        let mirror = try TestMirror()
        try mirror.fill()
        #expect(try mirror.codes() == [])
        func rows() throws -> Int {
            try mirror.store.access { db in
                try ["invite", "invite_event", "sync_pass", "absence", "field_name", "log_tile", "log_checkpoint"]
                    .reduce(0) { try $0 + db.integer("SELECT count(*) FROM \($1)") }
            }
        }
        let before = try rows()
        try mirror.pass(
            day: 4,
            [
                TestMirror.invite("a", status: "accepted"), TestMirror.invite("b", status: "expired"),
                TestMirror.invite("e", day: 2), TestMirror.invite("c", status: "accepted"),
            ])
        #expect(try rows() == before + 2)
        #expect(try mirror.codes() == [])
    }

    @Test("a pass that is cut off leaves events and tree as they were")
    func cutOff() throws {
        let mirror = try TestMirror()
        try mirror.fill()
        let many = (0..<600).map { TestMirror.invite("new\($0)") }
        try mirror.pass(day: 5, many, commits: false)
        #expect(try mirror.codes() == [])
        try mirror.pass(day: 6, many)
        #expect(try mirror.codes() == [])
        #expect(try mirror.store.access { try LogTree.size($0) } > 600)
    }

    @Test("a database of version 1 gets its tree by migration")
    func migration() throws {
        let mirror = try TestMirror()
        try mirror.fill()
        let old = mirror.folder + "/old.db"
        let queue = try DatabaseQueue(path: old)
        try queue.inDatabase { db in
            try db.execute(sql: String(decoding: PackageResources.schema_1_sql, as: UTF8.self))
            try db.execute(sql: "ATTACH '\(mirror.path)' AS new")
            for table in ["sync_pass", "invite", "invite_event", "absence", "field_name"] {
                try db.execute(sql: "INSERT INTO main.\(table) SELECT * FROM new.\(table) ORDER BY rowid")
            }
            try db.execute(sql: "PRAGMA application_id = \(Schema.applicationID); PRAGMA user_version = 1")
        }
        try queue.close()
        let root = try mirror.store.access { try TileTable.hashes($0, level: 0, position: 0) }
        let migrated = try MirrorStore(path: old)
        #expect(try migrated.access { try TileTable.hashes($0, level: 0, position: 0) } == root)
        #expect(try Verification(MirrorReader(path: old)).passed)
    }

    @Test("a writer does not append to a log whose tree is not that of its events")
    func refusesForeignEvents() throws {
        let mirror = try TestMirror()
        try mirror.fill()
        let copy = mirror.folder + "/copy.db"
        try mirror.store.access { try $0.execute(sql: "VACUUM INTO '\(copy)'") }
        let queue = try DatabaseQueue(path: copy)
        try queue.inDatabase { db in
            try db.execute(
                sql: """
                    INSERT INTO invite_event SELECT seq + 1, pass_id, invite_id, kind, field, old_value, new_value,
                    evidence, not_before, observed_at, request_id, document FROM invite_event ORDER BY seq DESC LIMIT 1
                    """)
        }
        try queue.close()
        #expect(throws: Failure.self) { try MirrorStore(path: copy) }
        #expect(try Verification(MirrorReader(path: copy)).checks.compactMap(\.code).contains(.unsigned))
    }

    @Test("the key is made once, for its owner alone; the credential beats the file; notes hold for it and no other")
    func keys() throws {
        let mirror = try TestMirror()
        let mode = try FileManager.default.attributesOfItem(atPath: mirror.path + ".key")[.posixPermissions] as? Int
        #expect(mode == 0o600)
        let again = try LogKeyFile.signer(database: mirror.path, environment: [:], expected: nil)
        #expect(again.verifierKey == mirror.store.signer.verifierKey)
        #expect(!"\(again) \(String(reflecting: again))".contains("PRIVATE"))

        let other = LogSigner.generate(name: "example.com/log")
        try other.secretText.write(toFile: mirror.folder + "/log-signing-key", atomically: true, encoding: .utf8)
        let credential = try LogKeyFile.signer(
            database: mirror.path, environment: ["CREDENTIALS_DIRECTORY": mirror.folder], expected: nil)
        #expect(credential.verifierKey == other.verifierKey)
        let key = try #require(LogVerifierKey(other.verifierKey.description))
        let note = try #require(SignedNote(try other.sign("example.com/log\n0\nhash\n")))
        #expect(note.signer(among: [key]) == key)
        #expect(note.signer(among: [again.verifierKey]) == nil)
        #expect(LogVerifierKey(key.description + "A") == nil)
        // The example of Go's golang.org/x/mod/sumdb/note.
        let go = try #require(
            LogSigner("PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"))
        #expect(go.verifierKey.description == "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    }

    @Test("a proof holds for its event, and an export of another log into the same folder is refused")
    func export() throws {
        let mirror = try TestMirror()
        try mirror.fill()
        let export = LogExport(try MirrorReader(path: mirror.path))
        let proof = try export.proof(of: 2)
        #expect(proof.hasPrefix("c2sp.org/tlog-proof@v1\nextra ") && proof.contains("\nindex 1\n"))
        #expect(throws: Failure.self) { try export.proof(of: 999) }
        let folder = mirror.folder + "/log"
        let size = try export.export(to: folder)
        #expect(try export.export(to: folder) == size)
        let other = try TestMirror()
        try other.pass(day: 0, (0..<300).map { TestMirror.invite("x\($0)") })
        #expect(throws: Failure.self) { try LogExport(try MirrorReader(path: other.path)).export(to: folder) }
        #expect(LogExport.path(1_234_067, width: 256) == "x001/x234/067")
        #expect(LogExport.path(5, width: 7) == "005.p/7")
    }
}

@Suite struct TamperingTests {
    @Test(
        "each kind of tampering has a reason of its own",
        arguments: [
            ("UPDATE invite_event SET request_id = 'x' WHERE seq = 3", .altered),
            ("DELETE FROM invite_event WHERE seq = 3", .missing),
            ("DELETE FROM invite_event WHERE seq >= 6", .missing),
            (
                """
                UPDATE invite_event SET seq = 99 WHERE seq = 1; UPDATE invite_event SET seq = 1 WHERE seq = 2;
                UPDATE invite_event SET seq = 2 WHERE seq = 99
                """, .reordered
            ),
            ("UPDATE log_tile SET hashes = zeroblob(length(hashes))", .tree),
            ("UPDATE log_checkpoint SET note = replace(note, 'pass 2', 'pass 1') WHERE pass_id = 2", .badSignature),
            ("UPDATE sync_pass SET listed = 99 WHERE id = 2", .alteredPass),
            ("DELETE FROM log_checkpoint WHERE pass_id = 3", .missingCheckpoint),
            ("UPDATE invite SET role = 'admin' WHERE id = 'a'", .mirrorNotFold),
            ("UPDATE sync_pass SET outcome = 'incomplete' WHERE id = 1", .strayPass),
            ("DROP INDEX invite_event_by_time", .schema),
        ] as [(String, Verification.ReasonCode)])
    func kinds(sql: String, code: Verification.ReasonCode) throws {
        let mirror = try TestMirror()
        try mirror.fill()
        try mirror.tamper(sql)
        #expect(try mirror.codes().contains(code))
    }

    @Test("a flipped byte anywhere in an event is found, and the event is named")
    func flippedByte() throws {
        let columns = LogLeaf.columns.split(separator: ", ").dropFirst(2)
        for column in columns {
            let mirror = try TestMirror()
            try mirror.fill()
            try mirror.tamper(
                """
                UPDATE invite_event SET \(column) = substr(\(column), 1, length(\(column)) - 1) || '~' WHERE seq =
                (SELECT max(seq) FROM invite_event WHERE \(column) IS NOT NULL)
                """)
            let check = try mirror.verification().checks.first { $0.name == "events" }
            #expect(check?.code == .altered, "\(column)")
        }
    }

    @Test("what only a kept checkpoint shows: another history, and an older state")
    func pinned() throws {
        let mirror = try TestMirror()
        try mirror.fill()
        var pins = Verification.Pins()
        pins.notes = [try mirror.note(of: 2), try mirror.note(of: 4)]
        #expect(try mirror.codes(pins) == [])

        let key = try String(contentsOfFile: mirror.path + ".key", encoding: .utf8)
        let folder = mirror.folder + "/credentials"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try key.write(toFile: folder + "/log-signing-key", atomically: true, encoding: .utf8)
        let rewritten = try TestMirror(environment: ["CREDENTIALS_DIRECTORY": folder])
        let all = ["a", "b", "c", "d", "e", "f", "g", "h"].map { TestMirror.invite($0) }
        for day in 0..<4 { try rewritten.pass(day: day, all) }
        #expect(try rewritten.codes() == [])
        #expect(try rewritten.codes(pins) == [.rewritten, .rewritten])

        let older = try TestMirror(environment: ["CREDENTIALS_DIRECTORY": folder])
        try older.pass(day: 0, [TestMirror.invite("a")])
        #expect(try older.codes() == [])
        #expect(try older.codes(pins) == [.rolledBack, .rolledBack])

        let stranger = try TestMirror()
        try stranger.fill()
        #expect(try stranger.codes(pins) == [.badSignature, .badSignature])
    }
}
