import Foundation
import GRDB
import InviteCore
import InviteMirror
import Synchronization

/// Shows a pass as it goes: one line that is written over in a terminal, plain lines otherwise.
final class SyncDisplay: Sendable {
    private let isInteractive: Bool
    private let hasLine = Mutex(false)

    init(isInteractive: Bool) {
        self.isInteractive = isInteractive
    }

    func show(_ progress: PassProgress) {
        switch progress {
        case .page(let number, let invites): transient("page \(number), \(invites.grouped) invites")
        case .waiting(let duration, .budget):
            transient("waiting \(Self.seconds(duration)) for the request budget (api.requests-per-minute)")
        case .waiting(let duration, .retry(let reason)):
            lasting("\(reason); trying again in \(Self.seconds(duration))")
        case .asking(let number, let count): transient("asking for missing invites, \(number) of \(count)")
        case .listingAgain(let reason): lasting("\(reason): the listing starts again")
        case .sending: break
        }
    }

    func end() {
        hasLine.withLock { hasLine in
            if hasLine { write("\r\u{1B}[K") }
            hasLine = false
        }
    }

    private func transient(_ text: String) {
        guard isInteractive else { return }
        hasLine.withLock { $0 = true }
        write("\r\u{1B}[K\(text)")
    }

    private func lasting(_ text: String) {
        end()
        write(text + "\n")
    }

    private func write(_ text: String) {
        Output.write(text, to: STDERR_FILENO)
    }

    private static func seconds(_ duration: Duration) -> String {
        duration < .seconds(10)
            ? String(format: "%.1f s", duration.inSeconds) : "\(Int(duration.inSeconds.rounded())) s"
    }
}

/// A signal that ended a pass, to end the process the way its sender expects.
final class SignalNote: Sendable {
    private let number = Mutex<CInt?>(nil)

    var signal: CInt? {
        get { number.withLock { $0 } }
        set { number.withLock { $0 = newValue } }
    }

    func die() {
        guard let signal else { return }
        Output.complain("stopped in the middle: nothing of this pass was recorded but its row")
        Foundation.signal(signal, SIG_DFL)
        // The thread that gets here may have the signal blocked, as those that handle signals do.
        var own = sigset_t()
        sigemptyset(&own)
        sigaddset(&own, signal)
        pthread_sigmask(SIG_UNBLOCK, &own, nil)
        raise(signal)
    }
}

/// What a pass changed, as a person would like to read it.
struct SyncSummary {
    private let result: PassResult
    private let store: MirrorStore
    private let settings: Settings

    /// Status changes that are listed one by one at the most.
    private static let listed = 20

    init(_ result: PassResult, store: MirrorStore, settings: Settings) {
        self.result = result
        self.store = store
        self.settings = settings
    }

    func lines() throws -> [String] {
        let record = result.record
        let counts = record.counts
        var lines = [
            """
            pass \(record.id) complete: \(counts.listed.grouped) \
            \(record.scope == .recent ? "of the newest invites" : "invites") listed on \(counts.pages.grouped) \
            \(counts.pages == 1 ? "page" : "pages"), \(counts.appeared.grouped) appeared, \
            \(counts.changed.grouped) changed, \(counts.vanished.grouped) vanished
            """
        ]
        for name in result.unknownNames {
            lines.append(
                "the API sends a field that this mirror had not met: \(name.visible); its values were adopted")
        }
        if counts.irregularities > 0 {
            lines.append(
                "\(counts.irregularities.grouped) values were not as documented; they are mirrored as they came"
            )
        }
        let moves = try statusMoves(of: record.id)
        lines += moves.first
        if moves.count > moves.first.count {
            lines.append(
                """
                and \((moves.count - moves.first.count).grouped) more: invite-mirror events --since \(record.startedAt)
                """)
        }
        lines.append("database: \(settings.databasePath)")
        return lines
    }

    private func statusMoves(of pass: Int) throws -> (first: [String], count: Int) {
        try store.access { db in
            var (lines, count): ([String], Int) = ([], 0)
            // The pass that recorded the first event recorded nothing but first appearances.
            if try db.integer("SELECT pass_id FROM invite_event WHERE seq = 1") == pass { return ([], 0) }
            // The checkpoint before says where the events of the pass begin.
            let sizeBefore = try db.integer(
                "SELECT tree_size FROM log_checkpoint WHERE pass_id < ?1 ORDER BY pass_id DESC LIMIT 1",
                [.integer(pass)])
            try db.run(
                """
                SELECT invite_id, kind, old_value, new_value, evidence FROM invite_event \
                WHERE seq > ?2 AND pass_id = ?1 AND kind IN ('status_changed', 'vanished', 'reappeared') ORDER BY seq
                """, [.integer(pass), .integer(sizeBefore)]
            ) { row in
                count += 1
                guard count <= Self.listed else { return }
                let change = row.text(1) == "status_changed"
                let what = change ? "\(row.text(2) ?? "null") → \(row.text(3) ?? "null")" : row.text(1) ?? ""
                lines.append("  \((row.text(0) ?? "").visible)  \(what.visible)  (\(row.text(4) ?? ""))")
            }
            return (lines, count)
        }
    }
}
