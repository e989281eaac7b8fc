import AdminAPISimulator
import Foundation
import InviteCore
import InviteMirror

/// One history: an organisation and its mirror through passes, faults, crashes and changes of the clock, all drawn
/// from one seed, and held against what truly happened.
package struct History {
    private let plan: HistoryPlan
    private let folder: String
    private let time: VirtualTime
    private let world: SimulatedWorld

    /// What went wrong, and the story until then.
    package struct Violation: Error {
        package let plan: HistoryPlan
        package let sentence: String
        package let story: [String]
    }

    /// Passes without any disturbance at the end: one for the changes, three for those that a listing lacks, one to
    /// see that nothing more happens.
    private static let calmPasses = 5

    private init(_ plan: HistoryPlan, folder: String) {
        self.plan = plan
        self.folder = folder
        time = VirtualTime(start: Timestamp(rfc3339: "2026-03-01T00:00:00Z")!)
        world = SimulatedWorld(plan: plan, time: time)
    }

    /// Plays the history of a plan in a folder of its own below `base`, which is gone after it.
    ///
    /// - Throws: a ``Violation``.
    @discardableResult
    package static func play(_ plan: HistoryPlan, below base: String) async throws -> Tally {
        let folder = "\(base)/\(plan.seed)"
        try? FileManager.default.removeItem(atPath: folder)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let history = History(plan, folder: folder)
        do {
            return try await history.play()
        } catch let wrong as Wrong {
            throw Violation(plan: plan, sentence: wrong.sentence, story: await history.world.story)
        } catch {
            throw Violation(plan: plan, sentence: "an error: \(error)", story: await history.world.story)
        }
    }

    private func play() async throws -> Tally {
        let moves = [.changedFirst, .pendingFirst].contains(plan.modes.order)
        var stage = Stage(folder: "\(folder)/0", judge: Judge(listingMoves: moves))
        try FileManager.default.createDirectory(atPath: stage.folder, withIntermediateDirectories: true)
        for _ in 0..<plan.passes {
            try await step(&stage)
        }
        try await calmEnd(&stage)
        stage.tally.note("crash", stage.crashes)
        for event in stage.snapshot?.events ?? [] { stage.tally.note("\(event.kind) \(event.evidence)") }
        return stage.tally
    }

    /// The mirror's side of the history.
    private struct Stage {
        var folder: String
        var crashes = 0
        var passes = 0
        var judge: Judge
        var wasComplete = false
        var tally = Tally()
        /// What stood after the newest pass; nil before the first.
        var snapshot: Snapshot?
    }

    // MARK: Passes

    private func step(_ stage: inout Stage) async throws {
        let hours = await world.below(5) == 0 ? 24 * (await world.below(12)) : await world.below(30)
        await world.live(for: .seconds(hours * 3600 + (await world.below(3600))), changes: await world.below(4))
        if await world.happens(plan.clockProbability) {
            let days = await world.below(9) - 4
            time.setClock(offBy: .seconds(days * 86400))
            stage.judge.clockWasSet = true
            await world.tell("  the mirror's clock is \(days) days off")
        }
        if await world.below(6) == 0 { return try await calmPass(&stage) }
        let crashAfter = await world.happens(plan.crashProbability) ? await world.below(6) : nil
        var late: LateCrash?
        // From a generator of its own: the seeds that are kept keep their stories.
        var random = SeededGenerator(seed: plan.seed &+ UInt64(stage.passes) ^ 0xC4A5)
        if crashAfter == nil && Double.random(in: 0..<1, using: &random) < plan.crashProbability {
            late = Bool.random(using: &random) ? .beforeTheEnd : .afterTheEnd
        }
        try await pass(&stage, isDisturbed: true, crashAfter: crashAfter, late: late)
    }

    /// A crash when all requests are over.
    private enum LateCrash: String {
        /// At the last look at the clock: nothing is committed yet, and the pass is still running.
        case beforeTheEnd = "crash before the end"
        /// All is committed, and the file not closed.
        case afterTheEnd = "crash after the end"
    }

    private func calmPass(_ stage: inout Stage) async throws {
        guard try await pass(&stage, isDisturbed: false, crashAfter: nil) == .complete, let after = stage.snapshot
        else { return }
        // In another order a recent pass may miss what a full one will find; a list that lags has changes ahead.
        guard after.newestPass?.scope == "full" || plan.modes.order == .newestFirst, plan.modes.listLag == .zero
        else { return }
        try Judge.checkEquals(after, listing: await world.listing)
    }

    private func calmEnd(_ stage: inout Stage) async throws {
        time.setClock(offBy: .zero)
        // Beyond every pause that the API asked for, beyond its lag and its late expiries.
        await world.live(for: .seconds(12 * 86400), changes: 0)
        await world.live(for: .seconds(8 * 3600), changes: 0)
        for number in 1...Self.calmPasses {
            let before = stage.snapshot
            let outcome = try await pass(&stage, isDisturbed: false, crashAfter: nil)
            if outcome == .refused { return try await confirmRefusal(&stage) }
            guard outcome == .complete else { throw Wrong("an undisturbed pass was not complete") }
            guard let after = stage.snapshot else { throw Wrong("there is no database") }
            if number == 1 && after.newestPass?.scope != "full" { throw Wrong("a full pass was due") }
            try Judge.checkEquals(after, listing: await world.listing)
            if number == Self.calmPasses {
                guard before?.content == after.content else { throw Wrong("a repeated pass changed something") }
                guard after.openAbsences == 0 else { throw Wrong("an absence was never settled") }
            }
        }
        let verification = try Verification(MirrorReader(path: "\(stage.folder)/mirror.db"))
        if let failed = verification.checks.first(where: { !$0.passed }) {
            throw Wrong("verify: \(failed.name): \(failed.detail)")
        }
    }

    /// A listing that lacks most of what was listed is refused until an operator says that it is true.
    private func confirmRefusal(_ stage: inout Stage) async throws {
        for _ in 0..<Self.calmPasses + 1 {
            let outcome = try await pass(&stage, isDisturbed: false, crashAfter: nil, acceptsRemovals: true)
            guard outcome == .complete else { throw Wrong("a pass that accepts removals was not complete") }
            guard let after = stage.snapshot else { throw Wrong("there is no database") }
            try Judge.checkEquals(after, listing: await world.listing)
        }
    }

    @discardableResult
    private func pass(
        _ stage: inout Stage, isDisturbed: Bool, crashAfter: Int?, late: LateCrash? = nil, acceptsRemovals: Bool = false
    ) async throws -> PassRecord.Outcome {
        stage.passes += 1
        let next = "\(folder)/\(stage.crashes + 1)"
        var outcome = PassRecord.Outcome.incomplete
        let before = stage.snapshot
        await world.begin(
            pass: stage.passes, isDisturbed: isDisturbed, knowsOrganization: stage.wasComplete, crashAfter: crashAfter,
            copying: (from: stage.folder, to: next))
        stage.judge.note(shown: time.shown, now: time.now)
        do {
            // The store is closed with the end of the scope, as a process's end would close it.
            let store = try await Self.openStore("\(stage.folder)/mirror.db")
            let current = stage.folder
            if late == .beforeTheEnd { time.watch { try? SimulatedWorld.copyFiles(from: current, to: next) } }
            defer { time.watch(nil) }
            let result = try await SyncPass(
                store: store, api: api(), clock: time.clock, pageSize: plan.pageSize,
                fullInterval: plan.fullInterval, acceptsRemovals: acceptsRemovals
            ).run()
            outcome = result.record.outcome
            stage.tally.note("\(result.record.scope) pass \(outcome)")
            let scope = result.record.coveredSince.map { "recent since \($0)" } ?? result.record.scope.rawValue
            await world.tell(
                "\(time.now) pass \(stage.passes): \(scope) \(outcome) \(result.failure?.description ?? "")")
            if late == .afterTheEnd { try SimulatedWorld.copyFiles(from: current, to: next) }
        } catch let failure as Failure {
            await world.tell("\(time.now) pass \(stage.passes): \(failure)")
        }
        if FileManager.default.fileExists(atPath: "\(next)/mirror.db") {
            stage.crashes += 1
            stage.folder = next
            // What the next writer finds, and mends, when it starts.
            _ = try await Self.openStore("\(next)/mirror.db")
            if late != .afterTheEnd { outcome = .incomplete }
            if let late { stage.tally.note(late.rawValue) }
        }
        stage.tally.note("pass \(outcome)")
        stage.wasComplete = stage.wasComplete || outcome == .complete
        let after = try Snapshot(folder: stage.folder)
        stage.snapshot = after
        if outcome != .complete, let before, before.content != after.content {
            throw Wrong("a pass that was \(outcome) changed more than its own row")
        }
        try await stage.judge.check(
            after, from: before?.newestSeq ?? 0, answers: await world.answers, samples: await world.samples)
        return outcome
    }

    /// Opens the store as the next process would.
    ///
    /// A process that a test beside this one starts inherits the lock for the moment between fork and exec: that is
    /// waited for, since it is not what a history is about.
    private static func openStore(_ path: String) async throws -> MirrorStore {
        for _ in 0..<10_000 {
            do {
                return try MirrorStore(path: path)
            } catch let failure as Failure where failure.description.contains("another invite-mirror") {
                await Task.yield()
            }
        }
        return try MirrorStore(path: path)
    }

    private func api() -> AdminAPI {
        AdminAPI(
            transport: world, budget: RequestBudget(perMinute: 1_000_000, now: time.clock.uptime()),
            clock: time.clock, random: { 0.5 })
    }
}

/// Something that must not be.
struct Wrong: Error {
    let sentence: String

    init(_ sentence: String) {
        self.sentence = sentence
    }
}

/// What happened how often: a simulation that never meets a case proves nothing about it.
package struct Tally: Sendable {
    package private(set) var counts: [String: Int] = [:]

    package init() {}

    mutating func note(_ what: String, _ count: Int = 1) {
        counts[what, default: 0] += count
    }

    package mutating func add(_ other: Tally) {
        counts.merge(other.counts, uniquingKeysWith: +)
    }
}
