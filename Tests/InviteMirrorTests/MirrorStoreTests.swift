import AdminAPISimulator
import Foundation
import GRDB
import InviteCore
import InviteMirror
import Testing

@Suite("The store")
struct MirrorStoreTests {
    private static func mode(_ path: String) throws -> Int? {
        (try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? NSNumber)?.intValue
    }

    private static func execute(_ sql: String, in path: String) throws {
        try DatabaseQueue(path: path).write { try $0.execute(sql: sql) }
    }

    @Test("makes the file and its folder, for the group to read")
    func creates() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("a/b/mirror.db")
        let store = try MirrorStore(path: path)
        #expect(try Self.mode(path) == 0o640)
        #expect(try Self.mode(folder.file("a/b")) == 0o750)
        let pragmas = ["application_id", "user_version", "journal_mode", "synchronous"]
        let values = try store.access { db in try pragmas.flatMap { try db.texts("PRAGMA \($0)") } }
        #expect(values == ["\(0x494E_5654)", "5", "wal", "2"])
        #expect(try store.access { try $0.texts("SELECT count(*) FROM sync_pass") } == ["0"])
    }

    @Test("lets one writer in")
    func locked() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("mirror.db")
        var store: MirrorStore? = try MirrorStore(path: path)
        let failure = #expect(throws: Failure.self) { try MirrorStore(path: path) }
        #expect(failure?.exitStatus == .database && failure?.description.contains("another invite-mirror") == true)
        #expect(store?.path == path)
        store = nil
        _ = try MirrorStore(path: path)
    }

    @Test(
        "leaves what is not its own as it is",
        arguments: [
            "CREATE TABLE t (a)", "PRAGMA application_id = 7",
            "PRAGMA application_id = 1229870676; PRAGMA user_version = 99",
            "CREATE TABLE invite (id TEXT); CREATE TABLE sync_pass (id INTEGER PRIMARY KEY, outcome TEXT)",
        ])
    func foreign(sql: String) throws {
        let folder = try TemporaryFolder()
        let path = folder.file("mirror.db")
        try Self.execute(sql, in: path)
        let before = FileManager.default.contents(atPath: path)
        for open in [{ _ = try MirrorStore(path: path) }, { _ = try MirrorReader(path: path) }] {
            let failure = #expect(throws: Failure.self) { try open() }
            #expect(failure?.exitStatus == .database)
        }
        #expect(FileManager.default.contents(atPath: path) == before)
    }

    @Test("makes what a crash left running incomplete, without an end")
    func running() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("mirror.db")
        let insert =
            "INSERT INTO sync_pass (scope, outcome, started_at) VALUES ('full', 'running', '2026-05-04T00:00:00Z')"
        do { try MirrorStore(path: path).access { try $0.run(insert) } }
        let store = try MirrorStore(path: path)
        #expect(try store.access { try $0.texts("SELECT outcome, finished_at FROM sync_pass") } == ["incomplete|∅"])
    }

    @Test(
        "refuses every way to rewrite the log",
        arguments: [
            "UPDATE invite_event SET old_value = 'x'", "UPDATE invite_event SET seq = 99 WHERE seq = 5",
            "DELETE FROM invite_event", "DELETE FROM invite_event WHERE seq = 5",
            "\(Self.insert("REPLACE", seq: "3"))", "\(Self.insert("INSERT OR REPLACE", seq: "5"))",
            "\(Self.insert("INSERT", seq: "7"))", "\(Self.insert("INSERT", seq: "0"))",
            "\(Self.insert("INSERT", seq: "-1"))",
            "\(Self.insert("INSERT OR IGNORE", seq: "7"))",
        ])
    func appendOnly(sql: String) async throws {
        try await Mirror.with(.still(invites: 5)) { mirror in
            try await mirror.pass()
            let before = try mirror.contents()
            #expect(throws: Failure.self) { try mirror.store.access { try $0.run(sql) } }
            #expect(try mirror.contents() == before)
            try mirror.store.access { try $0.run(Self.insert("INSERT", seq: "6")) }
        }
    }

    private static func insert(_ verb: String, seq: String) -> String {
        """
        \(verb) INTO invite_event (seq, pass_id, invite_id, kind, evidence, observed_at, document) \
        VALUES (\(seq), 1, 'x', 'appeared', 'listed', '2026-05-04T00:00:00.000000Z', '{}')
        """
    }
}

@Suite("Verification")
struct VerificationTests {
    @Test(
        "finds what was done behind its back",
        arguments: [
            ("", nil), ("UPDATE invite SET role = 'admin' WHERE rowid = 3", "fold"),
            ("UPDATE invite SET listed = 0 WHERE rowid = 3", "fold"), ("DELETE FROM invite WHERE rowid = 3", "fold"),
            ("UPDATE invite SET last_changed_at = '2030-01-01T00:00:00.000000Z' WHERE rowid = 1", "fold"),
            ("DROP TRIGGER invite_event_no_delete", "schema"), ("DROP VIEW pending_invite", "schema"),
            ("\(Self.unguarded("DELETE FROM invite_event WHERE seq = 2"))", "sequence"),
            ("\(Self.unguarded("DELETE FROM invite_event WHERE seq = 5"))", "fold"),
            ("UPDATE sync_pass SET outcome = 'incomplete'", "passes"), ("DELETE FROM sync_pass", "passes"),
        ])
    func finds(sql: String, check: String?) async throws {
        try await Mirror.with(.still(invites: 5)) { mirror in
            try await mirror.pass()
            try mirror.store.access { try $0.execute(sql: sql) }
            let verification = try mirror.verification()
            let names = ["file", "schema", "range", "sequence", "events", "passes", "signed", "fold"]
            #expect(verification.checks.map(\.name) == names)
            #expect(verification.passed == (check == nil))
            if let check { #expect(verification.checks.first { $0.name == check }?.passed == false) }
        }
    }

    /// Takes the guard away and puts it back as it was.
    private static func unguarded(_ sql: String) -> String {
        """
        DROP TRIGGER invite_event_no_delete; \(sql);
        CREATE TRIGGER invite_event_no_delete BEFORE DELETE ON invite_event
        BEGIN
            SELECT raise(ABORT, 'invite_event is append-only');
        END;
        """
    }
}
