import Foundation
import GRDB
import InviteCore

@testable import InviteMirror

/// A mirror in a folder of its own, fed with listings instead of by an API.
final class TestMirror {
    let folder: String
    let path: String
    private let environment: [String: String]
    private var opened: MirrorStore?
    var store: MirrorStore { opened! }

    init(environment: [String: String] = [:]) throws {
        folder = NSTemporaryDirectory() + "invite-mirror-test-" + UUID().uuidString
        path = folder + "/mirror.db"
        self.environment = environment
        opened = try MirrorStore(path: path, environment: environment)
    }

    /// Gives the lock back, as the end of a process does.
    func close() { opened = nil }

    func open() throws { opened = try MirrorStore(path: path, environment: environment) }

    deinit {
        try? FileManager.default.removeItem(atPath: folder)
    }

    static let start = Timestamp(typed: "2026-11-01")!

    /// An invite as the API lists it.
    static func invite(
        _ id: String, status: String = "pending", email: String? = nil, role: String = "user", day: Int = 0
    ) -> String {
        let invited = start + .seconds(day * 86400 - 3600)
        return """
            {"id":"\(id)","type":"invite","email":\(JSONText(string: email ?? "\(id)@example.com").text),\
            "role":"\(role)","status":"\(status)","invited_at":"\(invited)",\
            "expires_at":"\(invited + .seconds(1_814_400))"}
            """
    }

    /// One complete pass on `day` that lists `invites`; the others are gone, as the API's 404 says.
    ///
    /// - Parameter recent: what a recent pass lists down to; the last of `invites` is the first below it then.
    func pass(day: Int, _ invites: [String], recent: RecentRange? = nil, commits: Bool = true) throws {
        let started = Self.start + .seconds(day * 86400)
        let transaction = try PassTransaction(store, startedAt: started)
        try transaction.startListing(recent)
        // The id stands first in what `invite` makes.
        let ids = invites.map { $0.split(separator: "\"")[3] }
        let body = """
            {"data":[\(invites.joined(separator: ","))],"has_more":\(recent != nil),"first_id":"\(ids.first ?? "")",\
            "last_id":"\(ids.last ?? "")"}
            """
        let page = try InvitePage(decoding: Array(body.utf8))
        let source = Provenance(
            evidence: .listed, arrivedAt: started + .seconds(1), requestID: "req_\(transaction.record.id)")
        guard try transaction.take(page) == .complete else { throw Failure(.data, "there is more") }
        try transaction.apply(by: source)
        for id in try transaction.absentees() {
            try transaction.judge(
                id, .notFound,
                by: Provenance(evidence: .notFound, arrivedAt: started + .seconds(2), requestID: "req_get"))
        }
        var record = transaction.record
        record.finishedAt = started + .seconds(3)
        guard commits else { return try transaction.rollBack() }
        _ = try transaction.commit(record)
    }

    /// Four passes in which something of everything happens.
    func fill() throws {
        try pass(day: 0, [Self.invite("a"), Self.invite("b"), Self.invite("c", status: "accepted"), Self.invite("d")])
        try pass(
            day: 1, [Self.invite("a", status: "accepted"), Self.invite("b"), Self.invite("c", status: "accepted")])
        try pass(
            day: 2,
            [
                Self.invite("a", status: "accepted"), Self.invite("b", status: "expired"), Self.invite("e", day: 2),
                Self.invite("c", status: "accepted"),
            ])
        try pass(
            day: 3,
            [
                Self.invite("a", status: "accepted"), Self.invite("b", status: "expired"), Self.invite("e", day: 2),
                Self.invite("c", status: "accepted"),
            ])
    }

    func verification(_ pins: Verification.Pins = .init()) throws -> Verification {
        try Verification(MirrorReader(path: path), pins: pins)
    }

    /// What `verify` finds, without those that follow from it.
    func codes(_ pins: Verification.Pins = .init()) throws -> [Verification.ReasonCode] {
        try verification(pins).checks.compactMap(\.code)
    }

    /// Writes past the triggers, as one would do who knows them.
    func tamper(_ sql: String) throws {
        try store.access { db in
            var triggers: [(name: String, sql: String)] = []
            try db.run("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'") {
                triggers.append(($0.text(0) ?? "", $0.text(1) ?? ""))
            }
            for trigger in triggers { try db.execute(sql: "DROP TRIGGER \(trigger.name)") }
            try db.execute(sql: sql)
            for trigger in triggers { try db.execute(sql: trigger.sql) }
        }
    }

    func note(of pass: Int) throws -> String {
        try store.access { db in
            try db.first("SELECT note FROM log_checkpoint WHERE pass_id = ?1", [.integer(pass)]) { $0.text(0) ?? "" }
        } ?? ""
    }

    func report(
        _ format: ReportWriter.Format, from: Int = 0, to: Int = 4,
        policy: Settings.Policy = .init(
            allowedDomains: ["example.com"], privilegedRoles: ["admin"], staleAfterDays: 14),
        fullDays: Int = 1
    ) throws -> (report: AuditReport, text: String) {
        let request = AuditReport.Request(
            from: Self.start + .seconds(from * 86400), to: Self.start + .seconds(to * 86400), policy: policy,
            interval: .seconds(86400), fullInterval: .seconds(fullDays * 86400), verifies: true)
        let sink = Sink()
        let report = try ReportWriter.write(request, as: format, reader: try MirrorReader(path: path)) {
            sink.text += $0
        }
        return (report, sink.text)
    }

    private final class Sink {
        var text = ""
    }
}
