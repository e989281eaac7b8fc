import Foundation
import InviteCore
import Testing

@testable import InviteMirror

struct MirrorCareTests {
    private let folder: TemporaryFolder
    private var path: String { folder.path + "/mirror.db" }

    init() throws {
        folder = try TemporaryFolder()
    }

    /// A mirror with some pages of invites.
    private func makeMirror() throws {
        let store = try MirrorStore(path: path)
        try store.access { db in
            for id in 0..<500 {
                try db.run(
                    """
                    INSERT INTO invite (id, status, listed, first_observed_at, last_changed_at, document)
                    VALUES (?1, 'pending', 1, '', '', ?2)
                    """, [.text("i\(id)"), .text(String(repeating: "x", count: 300))])
            }
        }
        try store.close()
    }

    private func spoil(_ path: String) throws {
        let file = try #require(FileHandle(forUpdatingAtPath: path))
        try file.seek(toOffset: 4096 * 20)
        try file.write(contentsOf: Data(repeating: 0xFF, count: 4096 * 30))
        try file.close()
    }

    @Test func aSoundMirrorIsLookedAtWholeUnlessItIsLarge() throws {
        #expect(try Soundness.check(path) == .nothing)
        try makeMirror()
        #expect(try Soundness.check(path) == .everything)
        #expect(try Soundness.check(path, limit: 1000) == .header)
    }

    @Test func aDamagedMirrorIsNamedAndLeftAlone() throws {
        try makeMirror()
        try spoil(path)
        let before = FileManager.default.contents(atPath: path)
        let failure = #expect(throws: Failure.self) { try Soundness.check(path) }
        #expect(failure?.exitStatus == .database)
        #expect(failure?.description.contains("is damaged") == true)
        #expect(FileManager.default.contents(atPath: path) == before)
    }

    @Test(arguments: [("user_version = 99", "schema version 99"), ("application_id = 7", "not one of")])
    func aNewerSchemaAndAnotherProgramsFileAreNamedAndLeftAlone(pragma: String, word: String) throws {
        try makeMirror()
        try MirrorStoreProbe.run("PRAGMA \(pragma)", on: path)
        let before = FileManager.default.contents(atPath: path)
        let failure = #expect(throws: Failure.self) { try Soundness.check(path) }
        #expect(failure?.description.contains(word) == true)
        #expect(FileManager.default.contents(atPath: path) == before)
    }

    @Test func aBackupIsAWholeMirrorAndReplacesTheOneBefore() throws {
        try makeMirror()
        let target = folder.path + "/backup.db"
        for _ in 0..<2 {
            let result = try Backup(of: MirrorReader(path: path), to: target).make()
            #expect(result.invites == 500)
        }
        #expect(try Soundness.check(target) == .everything)
        let attributes = try FileManager.default.attributesOfItem(atPath: target)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(!names.contains { $0.hasSuffix(".tmp") })
    }

    @Test func aBackupReplacesNothingElse() throws {
        try makeMirror()
        let other = folder.path + "/letter.txt"
        try Data("dear".utf8).write(to: URL(fileURLWithPath: other))
        for target in [other, path, folder.path] {
            #expect(throws: Failure.self) { try Backup(of: MirrorReader(path: path), to: target).make() }
        }
        #expect(FileManager.default.contents(atPath: other) == Data("dear".utf8))
    }

    @Test func aDamagedMirrorGivesNoBackup() throws {
        try makeMirror()
        let target = folder.path + "/backup.db"
        _ = try Backup(of: MirrorReader(path: path), to: target).make()
        let before = FileManager.default.contents(atPath: target)
        try spoil(path)
        #expect(throws: Failure.self) { try Backup(of: MirrorReader(path: path), to: target).make() }
        #expect(FileManager.default.contents(atPath: target) == before)
    }

    @Test func aFullDiskIsWarnedOf() {
        let mebibyte = 1024 * 1024
        #expect(MirrorFile.spaceWarning(free: nil, database: 0, path: "m") == nil)
        #expect(MirrorFile.spaceWarning(free: 64 * mebibyte, database: 0, path: "m") == nil)
        #expect(MirrorFile.spaceWarning(free: 63 * mebibyte, database: 0, path: "m")?.contains("63 MiB") == true)
        #expect(MirrorFile.spaceWarning(free: 100 * mebibyte, database: 1000 * mebibyte, path: "m") != nil)
        #expect(MirrorFile(path: path).spaceWarning == nil)
    }

    @Test func theWriteAheadLogIsCutOnceTheLastSnapshotIsGone() throws {
        try makeMirror()
        let store = try MirrorStore(path: path)
        let big = String(repeating: "x", count: 6 * 1024 * 1024)
        let reader = try MirrorReader(path: path)
        try reader.read { db in
            _ = try db.integer("SELECT count(*) FROM invite")
            try store.access { try $0.run("UPDATE invite SET document = ?1 WHERE id = 'i1'", [.text(big)]) }
            try store.checkpoint()
            #expect(MirrorFile(path: path).walBytes > 6 * 1024 * 1024)
        }
        try store.checkpoint()
        #expect(MirrorFile(path: path).walBytes == 0)
    }

    @Test func aCleanStopLeavesTheFilesThatReadersNeed() throws {
        try makeMirror()
        #expect(FileManager.default.fileExists(atPath: path + "-wal") && MirrorFile(path: path).walBytes == 0)
        #expect(FileManager.default.fileExists(atPath: path + "-shm"))
    }

    @Test func aFileIsReplacedWholeOrNotAtAll() throws {
        let target = folder.path + "/m.prom"
        try AtomicFile.write("one\n", to: target, mode: 0o644)
        try AtomicFile.write("two\n", to: target, mode: 0o644)
        #expect(FileManager.default.contents(atPath: target) == Data("two\n".utf8))
        #expect(throws: Failure.self) { try AtomicFile.write("x", to: folder.path + "/none/m.prom", mode: 0o644) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["m.prom"])
    }
}

/// Changes a file behind the program's back.
private enum MirrorStoreProbe {
    static func run(_ sql: String, on path: String) throws {
        let store = try MirrorStore(path: path)
        try store.access { try $0.run("PRAGMA journal_mode = DELETE") }
        try store.access { try $0.run(sql) }
        try store.close()
    }
}
