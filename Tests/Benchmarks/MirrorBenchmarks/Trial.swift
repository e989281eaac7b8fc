import Foundation
import InviteCore
import InviteMirror

/// A mirror in a temporary folder, filled through the parts that a pass is made of.
final class Trial {
    let path: String
    private let store: MirrorStore
    private let folder: URL
    private var now = Timestamp(rfc3339: "2026-11-02T09:00:00.000000Z")!

    init(pages: Int) throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("mirror-benchmarks-\(UUID())")
        path = folder.appendingPathComponent("mirror.db").path
        store = try MirrorStore(path: path)
        let transaction = try open()
        for number in 0..<pages { try take(Pages.body(number), in: transaction) }
        _ = try transaction.commit(transaction.record)
        try store.checkpoint()
    }

    /// A pass whose listing begins.
    func open() throws -> PassTransaction {
        let transaction = try PassTransaction(store, startedAt: tick())
        try transaction.startListing(nil)
        return transaction
    }

    @discardableResult
    func take(_ body: [UInt8], in transaction: PassTransaction) throws -> Listing.Step {
        try take(InvitePage(decoding: body), in: transaction)
    }

    @discardableResult
    func take(_ page: InvitePage, in transaction: PassTransaction) throws -> Listing.Step {
        let step = try transaction.take(page)
        try transaction.apply(by: Self.provenance(tick()))
        return step
    }

    static func provenance(_ instant: Timestamp) -> Provenance {
        Provenance(evidence: .listed, arrivedAt: instant, requestID: "req_011CSHoEeqs5C35K2UUqR7Fy")
    }

    /// An instant a second after the one before.
    func tick() -> Timestamp {
        now = Timestamp(microseconds: now.microseconds + 1_000_000)
        return now
    }

    deinit {
        try? store.close()
        try? FileManager.default.removeItem(at: folder)
    }
}
