import GRDB
import InviteCore
import Logging

extension PassResult {
    /// Lines that one pass writes about single invites at the most; the log of events has them all.
    private static let loggedEvents = 1000

    /// A line for each event that the pass recorded, for those who log at `debug`.
    package func logEvents(of store: MirrorStore, to logger: Logger) {
        guard logger.logLevel <= .debug, failure == nil else { return }
        try? store.access { db in
            try db.run(
                """
                SELECT seq, invite_id, kind, evidence, request_id FROM invite_event \
                WHERE seq > (SELECT ifnull(max(seq), 0) - ?2 FROM invite_event) AND pass_id = ?1 ORDER BY seq
                """, [.integer(record.id), .integer(Self.loggedEvents)]
            ) { row in
                var metadata: Logger.Metadata = [
                    "pass_id": "\(record.id)", "seq": "\(row.integer(0))", "invite_id": "\(row.text(1) ?? "")",
                    "kind": "\(row.text(2) ?? "")", "evidence": "\(row.text(3) ?? "")",
                ]
                if let requestID = row.text(4) { metadata["request_id"] = "\(requestID)" }
                logger.debug("event", metadata: metadata)
            }
        }
    }
}
