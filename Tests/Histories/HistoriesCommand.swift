import ArgumentParser
import Foundation
import HistorySimulation

/// Plays simulated histories of an organisation and its mirror, and says which seed breaks a promise.
@main
struct HistoriesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "histories")

    @Option(help: "How many histories to play.") var seeds: UInt64 = 10_000
    @Option(help: "The first seed.") var from: UInt64 = 1
    @Option(help: "How many to play at the same time.") var jobs = 2
    @Flag(inversion: .prefixedNo, help: "Look for the shortest story of a violation.") var shortest = true

    func run() async throws {
        let shared = "/dev/shm"
        let isThere = FileManager.default.isWritableFile(atPath: shared)
        let base = "\(isThere ? shared : NSTemporaryDirectory())/histories-\(getpid())"
        defer { try? FileManager.default.removeItem(atPath: base) }
        let start = ContinuousClock.now
        let (from, seeds, jobs) = (from, seeds, UInt64(max(1, jobs)))
        var tally = Tally()
        var violations: [History.Violation] = []
        await withTaskGroup(of: (tally: Tally, violation: History.Violation?).self) { group in
            for job in 0..<jobs {
                let own = stride(from: from + job, to: from + seeds, by: Int(jobs))
                group.addTask { await Histories(below: "\(base)/\(job)").play(seeds: own) }
            }
            for await result in group {
                tally.add(result.tally)
                if let violation = result.violation { violations.append(violation) }
            }
        }
        let elapsed = ContinuousClock.now - start
        guard let first = violations.min(by: { $0.plan.seed < $1.plan.seed }) else {
            for (what, count) in tally.counts.sorted(by: { $0.key < $1.key }) { print("  \(what): \(count)") }
            print("histories: \(seeds) from seed \(from), 0 violations, \(elapsed.components.seconds) s")
            return
        }
        print(
            "histories: VIOLATION at seed \(first.plan.seed) (history \(first.plan.seed - from + 1)): \(first.sentence)"
        )
        guard shortest else { throw ExitCode(1) }
        let shortest = await Histories(below: "\(base)/shortest").shortest(first)
        print("the shortest story of it: \(shortest.sentence)\n\(shortest.plan)")
        for line in shortest.story { print(line) }
        throw ExitCode(1)
    }
}
