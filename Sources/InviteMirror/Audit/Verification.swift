import GRDB
import InviteCore

/// Checks a database against what the mirror promises, and says what it checked. It only reads.
package struct Verification: Sendable {
    package struct Check: Sendable, Equatable {
        package let name: String
        package let passed: Bool
        /// What was looked at, or the first thing that is wrong.
        package let detail: String
        /// What is wrong, for a script; nil where the check passed.
        package let code: ReasonCode?

        init(name: String, failing code: ReasonCode?, detail: String) {
            self.name = name
            self.code = code
            self.detail = detail
            passed = code == nil
        }
    }

    /// Why a check failed: one for each thing that can have been done to a log.
    package enum ReasonCode: String, Sendable, CaseIterable {
        case damagedFile = "damaged-file"
        case schema
        case missing, altered, reordered
        /// The stored tree is not that of the events, which are as they were signed.
        case tree
        case strayPass = "stray-pass"
        case alteredPass = "altered-pass"
        case badSignature = "bad-signature"
        case missingCheckpoint = "missing-checkpoint"
        /// Events that no checkpoint covers although there are checkpoints.
        case unsigned
        /// Against a checkpoint that the auditor kept.
        case rewritten
        case rolledBack = "rolled-back"
        case mirrorNotFold = "mirror-not-fold"
    }

    /// What an auditor brings along.
    package struct Pins: Sendable {
        /// Keys that are trusted; where there are none, those that the database itself names.
        package var keys: [LogVerifierKey] = []
        /// Notes of checkpoints that were kept.
        package var notes: [String] = []
        /// The period asked for, of which the answer says what was found.
        package var from: Timestamp?
        package var to: Timestamp?

        package init() {}
    }

    package let checks: [Check]

    package var passed: Bool { checks.allSatisfy(\.passed) }

    package init(_ reader: MirrorReader, pins: Pins = Pins()) throws {
        checks = try reader.read { db in try Self.checks(db, pins) }
    }

    static func checks(_ db: Database, _ pins: Pins) throws -> [Check] {
        var checks = [try checkFile(db), try checkSchema(db)]
        let log = try LogVerification(db, pins)
        checks += [try log.range(), try log.sequence(), try log.events()]
        checks += [try checkPasses(db), try log.checkpoints()] + (try log.pinned()) + [try checkFold(db)]
        return checks
    }

    private static func checkFile(_ db: Database) throws -> Check {
        var findings: [String] = []
        try db.run("PRAGMA integrity_check(1)") { findings.append($0.text(0) ?? "") }
        let passed = findings == ["ok"]
        return Check(
            name: "file", failing: passed ? nil : .damagedFile,
            detail: passed ? "SQLite finds the file whole" : findings.first ?? "SQLite says nothing")
    }

    /// The tables, views and triggers are those of this version: an append-only log needs its triggers.
    private static func checkSchema(_ db: Database) throws -> Check {
        let reference = try Schema.objects()
        let present = try Schema.objects(of: db)
        let wrong = reference.keys.sorted().first { present[$0] != reference[$0] }
        let triggers = reference.keys.filter { $0.hasPrefix("trigger ") }.count
        return Check(
            name: "schema", failing: wrong == nil ? nil : .schema,
            detail: wrong.map { "the \($0) is \(present[$0] == nil ? "missing" : "not as this version makes it")" }
                ?? "\(reference.count) tables, views, indexes and triggers as made, \(triggers) triggers guard the log")
    }

    /// Events come from complete passes alone.
    private static func checkPasses(_ db: Database) throws -> Check {
        let stray = try db.first(
            """
            SELECT seq, pass_id FROM invite_event WHERE pass_id NOT IN \
            (SELECT id FROM sync_pass WHERE outcome = 'complete') ORDER BY seq LIMIT 1
            """
        ) { (seq: $0.integer(0), pass: $0.integer(1)) }
        let complete = try db.integer("SELECT count(*) FROM sync_pass WHERE outcome = 'complete'")
        return Check(
            name: "passes", failing: stray == nil ? nil : .strayPass,
            detail: stray.map { "event \($0.seq) belongs to pass \($0.pass), which is not complete" }
                ?? "every event belongs to one of \(complete) complete passes")
    }

    /// Promise 4: replaying the log from nothing gives the rows of `invite`.
    private static func checkFold(_ db: Database) throws -> Check {
        var fold = Fold(db: db)
        try db.run(
            """
            SELECT invite_id, kind, field, old_value, new_value, evidence, observed_at, document, seq \
            FROM invite_event ORDER BY invite_id, seq
            """
        ) { row in if fold.mismatch == nil { try fold.take(row) } }
        if fold.mismatch == nil { try fold.endInvite() }
        let rows = try db.integer("SELECT count(*) FROM invite")
        if fold.mismatch == nil, rows != fold.invites {
            fold.mismatch = "the mirror has \(rows) invites, the log knows \(fold.invites)"
        }
        return Check(
            name: "fold", failing: fold.mismatch == nil ? nil : .mirrorNotFold,
            detail: fold.mismatch ?? "replaying \(fold.events) events gives the mirror's \(rows) invites")
    }
}
