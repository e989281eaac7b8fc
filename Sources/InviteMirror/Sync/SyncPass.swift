import InviteCore

/// How a pass ended.
package struct PassResult: Sendable {
    /// Its row, as it stands in `sync_pass`.
    package let record: PassRecord
    /// Why it is not complete.
    package let failure: Failure?
    /// Fields of invites that the mirror met for the first time, beyond the documented ones.
    package let unknownNames: [String]
    /// The API's id of the newest answer, for a pass that failed.
    package var requestID: String?
    /// How many invites the mirror holds as listed after a recent pass, which lists but some of them.
    package var mirrored: Int?
}

/// What a pass is doing, for whoever watches.
package enum PassProgress: Sendable {
    /// A page was taken in: its number in this pass, and the invites of the listing so far.
    case page(Int, invites: Int)
    case waiting(Duration, AdminAPI.Event.Wait)
    case sending
    case listingAgain(because: String)
    /// Get Invite is asked about one of the invites that the listing lacks.
    case asking(Int, of: Int)
}

/// One pass: lists, compares, asks for what is missing, and applies it all or nothing.
package struct SyncPass: Sendable {
    private let store: MirrorStore
    private let api: AdminAPI
    private let clock: MirrorClock
    private let pageSize: Int
    private let fullInterval: Duration
    private let acceptsRemovals: Bool
    private let progress: @Sendable (PassProgress) -> Void

    /// A pass that is not complete by then ends: enough for 28,000 pages at the default budget.
    package static let timeLimit = Duration.seconds(24 * 3600)
    /// Get Invite failing so often in a row to answer at all means that the API is away.
    private static let silenceLimit = 5

    /// - Parameters:
    ///   - fullInterval: how old the newest full pass may be for a recent one to do; zero for a full pass.
    ///   - acceptsRemovals: whether a listing that lacks most of what was listed is believed. It is a full one then.
    package init(
        store: MirrorStore, api: AdminAPI, clock: MirrorClock, pageSize: Int, fullInterval: Duration,
        acceptsRemovals: Bool = false, progress: @escaping @Sendable (PassProgress) -> Void = { _ in }
    ) {
        self.store = store
        self.api = api
        self.clock = clock
        self.pageSize = pageSize
        self.fullInterval = acceptsRemovals ? .zero : fullInterval
        self.acceptsRemovals = acceptsRemovals
        self.progress = progress
    }

    /// Runs the pass. Its row is recorded whatever happens, as long as the file can be written.
    ///
    /// - Throws: a ``Failure`` if the pass cannot start or its row cannot be written; `CancellationError` when it is
    ///   told to stop, after it has recorded that it is incomplete.
    package func run() async throws -> PassResult {
        if let until = try store.pause(now: clock.now()) {
            throw Failure(
                .unavailable,
                "the API asked for patience until \(until): nothing was asked and no pass started; try again then")
        }
        let watch = PassWatch(mirrored: try store.organizationID())
        let startedAt = clock.now()
        var range = try store.access { db in
            try ListingPlan.recentRange(db, now: startedAt, fullInterval: fullInterval)
        }
        let transaction = try PassTransaction(store, scope: range == nil ? .full : .recent, startedAt: startedAt)
        var record = transaction.record
        var got: GotInvites = [:]
        do {
            repeat {
                try await list(range, transaction, watch, &record)
                if transaction.fits {
                    try checkPlausible(transaction)
                    try await ask(transaction, watch, &got)
                }
                range = nil
            } while !transaction.fits
            watch.fill(&record)
            record.finishedAt = clock.now()
            record = try transaction.commit(record)
            try? store.checkpoint()
            var result = PassResult(
                record: record, failure: nil, unknownNames: transaction.unknownNames.map(\.string).sorted())
            if record.scope == .recent { result.mirrored = try? store.listedCount() }
            return result
        } catch {
            watch.fill(&record)
            var result = try end(record, transaction, with: error)
            result.requestID = watch.requestID
            return result
        }
    }

    // MARK: The listing

    private func list(
        _ range: RecentRange?, _ transaction: PassTransaction, _ watch: PassWatch, _ record: inout PassRecord
    ) async throws {
        var restarts = ListingRestarts()
        var range = range
        while true {
            try transaction.startListing(range)
            range = nil
            do {
                return try await takePages(transaction, watch, &record)
            } catch let contradiction as Listing.Contradiction {
                switch restarts.judge(contradiction) {
                case .take: return
                case .startAgain: progress(.listingAgain(because: "\(contradiction)"))
                case .giveUp:
                    throw Failure(
                        .data,
                        """
                        the listing contradicts itself: \(contradiction), after \(ListingRestarts.maximum) new starts. \
                        Nothing was recorded; the next pass tries again
                        """)
                }
            }
        }
    }

    /// Takes page after page to the end; the next one is on its way while one is compared.
    private func takePages(
        _ transaction: PassTransaction, _ watch: PassWatch, _ record: inout PassRecord
    ) async throws {
        var page = try await page(after: nil, number: record.counts.pages + 1, watch)
        while true {
            record.counts.pages += 1
            let number = record.counts.pages
            guard try transaction.take(try page.content.get()) == .next else { break }
            let cursor = transaction.cursor
            async let next = self.page(after: cursor, number: number + 1, watch)
            try transaction.apply(by: page.source)
            progress(.page(number, invites: transaction.listedCount))
            page = try await next
        }
        try transaction.apply(by: page.source)
        progress(.page(record.counts.pages, invites: transaction.listedCount))
    }

    private func page(
        after cursor: String?, number: Int, _ watch: PassWatch
    ) async throws -> (content: Result<InvitePage, Failure>, source: Provenance) {
        let answer = try await api.list(limit: pageSize, afterID: cursor, call(watch))
        let response = answer.response
        guard response.status == 200 else {
            if cursor != nil { throw Listing.Contradiction.cursorRefused(status: response.status) }
            throw Failure(
                .data,
                """
                the API answered \(response.status) to the list itself\(response.inParentheses): check api.base-url \
                and what the secret may do. Nothing was recorded
                """)
        }
        let content = Result { () throws(UndecodableAnswer) in try InvitePage(decoding: response.body) }
        let source = Provenance(evidence: .listed, arrivedAt: answer.arrivedAt, requestID: response.requestID)
        return (
            content.mapError { error in
                Failure(
                    .data,
                    """
                    page \(number) cannot be read\(response.inParentheses): \(error). Nothing was recorded; the next \
                    pass tries again
                    """)
            }, source
        )
    }

    private func call(_ watch: PassWatch) -> AdminAPI.Call {
        AdminAPI.Call(deadline: clock.uptime() + Self.timeLimit) { event in
            try watch.observe(event)
            switch event {
            case .waiting(let duration, let reason): progress(.waiting(duration, reason))
            case .sending: progress(.sending)
            case .arrived: break
            }
        }
    }

    // MARK: The absent ones

    private func checkPlausible(_ transaction: PassTransaction) throws {
        let absent = try transaction.absent()
        let isSuspicious = Absence.isSuspicious(
            known: absent.of, absent: absent.count, listed: transaction.listedCount)
        guard isSuspicious && !acceptsRemovals else { return }
        throw Failure(
            .refused,
            """
            refused: the listing lacks \(absent.count) of \(absent.of) invites that were listed before\
            \(transaction.coveredSince.map { ", of those invited since \($0)" } ?? ""). Nothing was \
            recorded. If they are really gone, run `invite-mirror sync --accept-removals` once; if not, check what \
            the secret may read
            """)
    }

    /// What Get Invite has answered in this pass: nothing is asked twice.
    private typealias GotInvites = [ExactText: (answer: Absence.Answer, source: Provenance)]

    private func ask(_ transaction: PassTransaction, _ watch: PassWatch, _ got: inout GotInvites) async throws {
        let ids = try transaction.absentees()
        var silences = 0
        for (index, id) in ids.enumerated() where silences < Self.silenceLimit {
            // A path of dots alone would name another resource.
            if id.allSatisfy({ $0 == "." }) { continue }
            if let known = got[ExactText(id)] {
                try transaction.judge(id, known.answer, by: known.source)
                continue
            }
            guard got.count < Absence.questionsPerPass else { return }
            progress(.asking(index + 1, of: ids.count))
            do {
                let answer = try await api.get(id, call(watch))
                let source = Provenance(
                    evidence: answer.response.status == 404 ? .notFound : .fetched, arrivedAt: answer.arrivedAt,
                    requestID: answer.response.requestID)
                let read = Self.read(answer, for: id)
                got[ExactText(id)] = (read, source)
                try transaction.judge(id, read, by: source)
                silences = 0
            } catch let failure as APIFailure {
                switch failure {
                case .comeBack: throw failure
                case .outOfTime: return
                case .unreachable: silences += 1
                case .status, .unreadable: silences = 0
                }
                let nothing = Provenance(evidence: .fetched, arrivedAt: clock.now(), requestID: nil)
                got[ExactText(id)] = (.none, nothing)
                try transaction.judge(id, .none, by: nothing)
            }
        }
    }

    private static func read(_ answer: AdminAPI.Answer, for id: String) -> Absence.Answer {
        switch answer.response.status {
        case 404: return .notFound
        case 200:
            guard let seen = try? SeenInvite(decoding: answer.response.body), seen.id.isIdentical(to: id) else {
                return .none
            }
            return .shown(seen)
        default: return .none
        }
    }

    // MARK: The end of a pass that failed

    private func end(
        _ draft: PassRecord, _ transaction: PassTransaction, with error: any Error
    ) throws -> PassResult {
        var record = draft
        let failure = Self.failure(for: error)
        record.outcome = failure.exitStatus == .refused ? .refused : .incomplete
        record.error = failure.description
        record.finishedAt = clock.now()
        if case .comeBack(let instant, _) = error as? APIFailure {
            try transaction.rollBack()
            try store.remember(pauseUntil: instant)
        }
        do {
            record = try transaction.abandon(record)
        } catch  where failure.exitStatus == .database {
            // The file that cannot take the pass may not take its row either. The first error says more.
            throw failure
        }
        if error is CancellationError { throw error }
        return PassResult(record: record, failure: failure, unknownNames: [])
    }

    private static func failure(for error: any Error) -> Failure {
        switch error {
        case let failure as Failure: failure
        case let failure as APIFailure:
            Failure(failure.exitStatus, "\(failure.sentence). Nothing was recorded; the mirror stays as it was")
        case is CancellationError: Failure(.unavailable, "stopped in the middle. Nothing was recorded")
        default: Failure(.internalError, "an error that should not happen: \(error). Nothing was recorded")
        }
    }
}

extension APIResponse {
    fileprivate var inParentheses: String {
        requestID.map { " (request \($0.quoted))" } ?? ""
    }
}
