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

    func run() async throws {
        let shared = "/dev/shm"
        let isThere = FileManager.default.isWritableFile(atPath: shared)
        let base = "\(isThere ? shared : NSTemporaryDirectory())/histories-\(getpid())"
        defer { try? FileManager.default.removeItem(atPath: base) }
        let start = ContinuousClock.now
        let (from, seeds, jobs) = (from, seeds, UInt64(max(1, jobs)))
        let violations = await withTaskGroup(of: History.Violation?.self) { group in
            for job in 0..<jobs {
                let own = stride(from: from + job, to: from + seeds, by: Int(jobs))
                group.addTask { await Histories(below: "\(base)/\(job)").play(seeds: own) }
            }
            return await group.reduce(into: [History.Violation]()) { list, violation in
                if let violation { list.append(violation) }
            }
        }
        let elapsed = ContinuousClock.now - start
        guard let first = violations.min(by: { $0.plan.seed < $1.plan.seed }) else {
            print("histories: \(seeds) from seed \(from), 0 violations, \(elapsed.components.seconds) s")
            return
        }
        print("histories: VIOLATION at seed \(first.plan.seed) (history \(first.plan.seed - from + 1)): \(first.sentence)")
        let shortest = await Histories(below: "\(base)/shortest").shortest(first)
        print("the shortest story of it: \(shortest.sentence)\n\(shortest.plan)")
        shortest.story.forEach { print($0) }
        throw ExitCode(1)
    }
}
