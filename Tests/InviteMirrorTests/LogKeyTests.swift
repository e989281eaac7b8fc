import Foundation
import InviteCore
import Logging
import Testing

@testable import InviteMirror

@Suite struct LogKeyTests {
    private static let listing = ["a", "b"].map { TestMirror.invite($0) }

    /// The failure of opening for writing; nil if it opens.
    private static func failure(_ path: String, environment: [String: String] = [:], renews: Bool = false) -> Failure? {
        do {
            _ = try MirrorStore(path: path, environment: environment, renewsKey: renews)
            return nil
        } catch {
            return error as? Failure
        }
    }

    @Test("a log whose key is lost or another one does not go on: exit 78, with what it means and what to do")
    func lost() throws {
        let mirror = try TestMirror()
        try mirror.pass(day: 0, Self.listing)
        mirror.close()
        let key = mirror.path + ".key"
        let own = try String(contentsOfFile: key, encoding: .utf8)

        try FileManager.default.removeItem(atPath: key)
        let lost = try #require(Self.failure(mirror.path))
        #expect(lost.exitStatus == .configuration && lost.description.contains("log-key --renew"))
        #expect(lost.description.contains("What was signed stays valid") && !lost.description.contains("PRIVATE"))
        #expect(!FileManager.default.fileExists(atPath: key))

        try LogSigner.generate(name: nil).secretText.write(toFile: key, atomically: true, encoding: .utf8)
        let other = try #require(Self.failure(mirror.path))
        #expect(other.exitStatus == .configuration && other.description.contains("is another key"))

        // Put back, and it goes on; reading never needs it.
        try own.write(toFile: key, atomically: true, encoding: .utf8)
        #expect(Self.failure(mirror.path) == nil)
        try FileManager.default.removeItem(atPath: key)
        #expect(try mirror.codes() == [])
    }

    @Test("a log that nothing has signed takes any key, and has none to renew")
    func unsigned() throws {
        let mirror = try TestMirror()
        mirror.close()
        try FileManager.default.removeItem(atPath: mirror.path + ".key")
        #expect(Self.failure(mirror.path) == nil)
        #expect(Self.failure(mirror.path, renews: true)?.exitStatus == .usage)
    }

    @Test("a renewed key is another one of the same log: old and new checkpoints hold, and only who was told trusts it")
    func renewed() throws {
        let mirror = try TestMirror()
        try mirror.pass(day: 0, Self.listing)
        let old = mirror.store.signer.verifierKey
        mirror.close()
        try FileManager.default.removeItem(atPath: mirror.path + ".key")
        // Twice before a pass: the one that never signed is forgotten.
        for _ in 0..<2 { #expect(Self.failure(mirror.path, renews: true) == nil) }
        try mirror.open()
        let new = mirror.store.signer.verifierKey
        #expect(new != old && new.name == old.name)
        #expect(try LogExport(MirrorReader(path: mirror.path)).keys() == [old.description, new.description])
        try mirror.pass(day: 1, Self.listing + [TestMirror.invite("c")])
        try mirror.pass(day: 2, Self.listing + [TestMirror.invite("c")])
        #expect(try mirror.codes() == [])

        var pins = Verification.Pins()
        pins.keys = [old, new]
        pins.notes = [try mirror.note(of: 1), try mirror.note(of: 3)]
        #expect(try mirror.codes(pins) == [])
        pins.keys = [old]
        let signed = try mirror.verification(pins).checks.first { $0.name == "signed" }
        #expect(signed?.code == .badSignature && signed?.detail.contains("\(new), which was not given") == true)
    }

    @Test("a key that is there is taken, one that signed before is not, and a credential is changed by its owner")
    func taken() throws {
        let mirror = try TestMirror()
        try mirror.pass(day: 0, Self.listing)
        mirror.close()
        let key = mirror.path + ".key"
        let first = try String(contentsOfFile: key, encoding: .utf8)
        let second = LogSigner.generate(name: "example.com/log")
        try second.secretText.write(toFile: key, atomically: true, encoding: .utf8)
        #expect(Self.failure(mirror.path, renews: true) == nil)
        try mirror.open()
        #expect(mirror.store.signer.verifierKey == second.verifierKey)
        try mirror.pass(day: 1, Self.listing)
        mirror.close()

        let folder = mirror.folder + "/credentials"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let environment = ["CREDENTIALS_DIRECTORY": folder]
        func credential(_ text: String) throws {
            try text.write(toFile: folder + "/log-signing-key", atomically: true, encoding: .utf8)
        }
        try credential(first)
        let back = Self.failure(mirror.path, environment: environment, renews: true)
        #expect(back?.description.contains("has signed this log before") == true)
        try credential(second.secretText)
        #expect(Self.failure(mirror.path, environment: environment) == nil)
        let same = Self.failure(mirror.path, environment: environment, renews: true)
        #expect(same?.exitStatus == .configuration)
        #expect(try mirror.codes() == [])
    }
}

@Suite struct AnchorTests {
    private static func anchor(_ mirror: TestMirror, _ flags: [String: String]) throws -> CheckpointAnchor {
        CheckpointAnchor(
            try Settings(flags: flags, environment: ["STATE_DIRECTORY": mirror.folder], file: nil),
            database: mirror.path, logger: Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() },
            environment: ["PATH": "/usr/bin:/bin"])
    }

    private static func files(below folder: String) -> [String] {
        (FileManager.default.enumerator(atPath: folder)?.allObjects as? [String] ?? []).filter { $0.hasSuffix(".note") }
            .sorted()
    }

    @Test("what could not be delivered is delivered after a later pass, once, and to each target by itself")
    func later() async throws {
        let mirror = try TestMirror()
        let (directory, sent) = (mirror.folder + "/anchors", mirror.folder + "/sent")
        // The folder cannot be made while a file has its name; the command fails without its file.
        try Data().write(to: URL(fileURLWithPath: directory))
        let anchor = try Self.anchor(
            mirror,
            [
                "log.anchor-directory": directory,
                "log.anchor-command": "cat > \(sent).part; test -e \(sent) && cat \(sent).part >> \(sent)",
            ])
        try mirror.pass(day: 0, [TestMirror.invite("a")])
        let first = try #require(try mirror.store.newestCheckpoint())
        await anchor.deliver(first)
        #expect(Self.files(below: directory) == [])

        try FileManager.default.removeItem(atPath: directory)
        await anchor.deliver(first)
        #expect(Self.files(below: directory) == ["2026-11/pass-1.note"])
        try Data().write(to: URL(fileURLWithPath: sent))
        for _ in 0..<3 { await anchor.deliver(first) }
        #expect(try String(contentsOfFile: sent, encoding: .utf8) == first.note)

        // A new one makes up for all before it.
        try mirror.pass(day: 1, [TestMirror.invite("a")])
        try mirror.pass(day: 2, [TestMirror.invite("a")])
        for _ in 0..<2 { await anchor.deliver(try #require(try mirror.store.newestCheckpoint())) }
        #expect(Self.files(below: directory) == ["2026-11/pass-1.note", "2026-11/pass-3.note"])
        let notes = try String(contentsOfFile: sent, encoding: .utf8)
        #expect(notes == first.note + (try mirror.note(of: 3)))
        let memory = try String(contentsOfFile: mirror.path + ".anchored", encoding: .utf8)
        #expect(memory.split(separator: "\n").count == 2 && !memory.contains(sent))
    }

    @Test("a crash after the delivery and before it was noted writes nothing over, and delivers no second file")
    func crash() async throws {
        let mirror = try TestMirror()
        let directory = mirror.folder + "/anchors"
        let anchor = try Self.anchor(mirror, ["log.anchor-directory": directory])
        try mirror.pass(day: 0, [TestMirror.invite("a")])
        let newest = try #require(try mirror.store.newestCheckpoint())
        await anchor.deliver(newest)
        try FileManager.default.removeItem(atPath: mirror.path + ".anchored")
        await anchor.deliver(newest)
        #expect(Self.files(below: directory) == ["2026-11/pass-1.note"])
        #expect(FileManager.default.fileExists(atPath: mirror.path + ".anchored"))
    }
}
