import AdminAPISimulator
import InviteCore

/// Plays many histories, and finds the shortest story of one that went wrong.
package struct Histories: Sendable {
    private let base: String

    /// - Parameter base: a folder for the databases; one in memory makes `fsync` cheap.
    package init(below base: String) {
        self.base = base
    }

    /// Plays the history of each seed.
    ///
    /// - Returns: the first that went wrong, nil if none did.
    package func play(seeds: some Sequence<UInt64> & Sendable) async -> History.Violation? {
        for seed in seeds {
            do {
                try await History.play(HistoryPlan(seed: seed), below: base)
            } catch let violation as History.Violation {
                return violation
            } catch {
                return History.Violation(plan: HistoryPlan(seed: seed), sentence: "\(error)", story: [])
            }
        }
        return nil
    }

    /// Leaves out of the plan what is not needed for it to go wrong.
    package func shortest(_ violation: History.Violation) async -> History.Violation {
        var shortest = violation
        var isShorter = true
        while isShorter {
            isShorter = false
            for plan in shortest.plan.simplifications {
                do {
                    try await History.play(plan, below: base)
                } catch let violation as History.Violation {
                    shortest = violation
                    isShorter = true
                    break
                } catch { continue }
            }
        }
        return shortest
    }
}
