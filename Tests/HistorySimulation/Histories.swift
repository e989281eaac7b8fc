import AdminAPISimulator
import InviteCore

/// Plays many histories, and finds the shortest story of one that went wrong.
package struct Histories: Sendable {
    private let base: String

    /// - Parameter base: a folder for the databases; one in memory makes `fsync` cheap.
    package init(below base: String) {
        self.base = base
    }

    /// Plays the history of each seed, up to the first that goes wrong.
    package func play(
        seeds: some Sequence<UInt64> & Sendable
    ) async -> (tally: Tally, violation: History.Violation?) {
        var tally = Tally()
        for seed in seeds {
            do {
                tally.add(try await History.play(HistoryPlan(seed: seed), below: base))
            } catch let violation as History.Violation {
                return (tally, violation)
            } catch {
                return (tally, History.Violation(plan: HistoryPlan(seed: seed), sentence: "\(error)", story: []))
            }
        }
        return (tally, nil)
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
