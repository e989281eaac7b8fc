import AdminAPISimulator
import InviteCore

/// What kind of history a seed gives: everything that is drawn once, before time begins.
package struct HistoryPlan: Sendable {
    package let seed: UInt64
    package var invites: Int
    package var passes: Int
    package var pageSize: Int
    package var modes: Modes
    /// Of a fault, for each request, 0…1.
    package var faultProbability: Double
    /// Of a change at the organisation between two requests, 0…1.
    package var changeProbability: Double
    /// Of a crash in the middle, for each pass, 0…1.
    package var crashProbability: Double
    /// Of the mirror's clock being set off by days, for each pass, 0…1.
    package var clockProbability: Double
    /// How old the newest full pass may be for a recent one to do.
    package var fullInterval: Duration

    package init(seed: UInt64) {
        self.seed = seed
        var random = SeededGenerator(seed: seed)
        invites = Int.random(in: 0...30, using: &random)
        passes = Int.random(in: 2...9, using: &random)
        pageSize = [1, 2, 3, 5, 7, 10, 1000].randomElement(using: &random)!
        modes = Self.modes(&random)
        faultProbability = [0, 0, 0.02, 0.1].randomElement(using: &random)!
        changeProbability = [0, 0.05, 0.3].randomElement(using: &random)!
        crashProbability = [0, 0, 0.25].randomElement(using: &random)!
        clockProbability = [0, 0, 0, 0.3].randomElement(using: &random)!
        fullInterval = [.zero, .seconds(2 * 86400), .seconds(7 * 86400), .seconds(7 * 86400)]
            .randomElement(using: &random)!
    }

    private static func modes(_ random: inout SeededGenerator) -> Modes {
        var modes = Modes()
        modes.listsDeleted = Bool.random(using: &random)
        modes.getDeleted = Modes.GetDeleted.allCases.randomElement(using: &random)!
        modes.deadCursor = Modes.DeadCursor.allCases.randomElement(using: &random)!
        modes.declined = [.leftOut, .shown(status: "deleted"), .shown(status: "declined")]
            .randomElement(using: &random)!
        modes.resending = Modes.Resending.allCases.randomElement(using: &random)!
        let orders = Modes.Order.allCases + Array(repeating: .newestFirst, count: Modes.Order.allCases.count)
        modes.order = orders.randomElement(using: &random)!
        modes.showsAcceptedAt = Bool.random(using: &random)
        modes.showsRBACGroupIDs = Int.random(in: 0..<4, using: &random) == 0
        modes.maximumPageSize = Int.random(in: 0..<4, using: &random) == 0 ? 4 : nil
        modes.expiryShownAfter = [.zero, .zero, .seconds(5 * 3600)].randomElement(using: &random)!
        modes.purgesAfter = [nil, nil, .seconds(6 * 86400)].randomElement(using: &random)!
        if Int.random(in: 0..<5, using: &random) == 0 {
            modes.listLag = .seconds(Int.random(in: 0...7200, using: &random))
            // Get can be so far behind that it goes on showing what the list has dropped.
            let longest = Bool.random(using: &random) ? 7200 : 10 * 86400
            modes.getLag = .seconds(Int.random(in: 0...longest, using: &random))
        }
        if Int.random(in: 0..<4, using: &random) == 0 { modes.organizationHeader = .absent }
        return modes
    }

    /// The plan with one thing less in it, for each thing that can be left out: for finding the shortest story.
    var simplifications: [HistoryPlan] {
        let plain = Modes()
        let changes: [(inout HistoryPlan) -> Void] = [
            { $0.passes -= 1 }, { $0.invites /= 2 }, { $0.invites -= 1 }, { $0.faultProbability = 0 },
            { $0.changeProbability = 0 }, { $0.crashProbability = 0 }, { $0.clockProbability = 0 },
            { $0.fullInterval = .zero },
            { $0.pageSize = 1000 }, { $0.modes = plain }, { $0.modes.order = plain.order },
            { $0.modes.expiryShownAfter = .zero }, { $0.modes.purgesAfter = nil },
            { $0.modes.listLag = .zero }, { $0.modes.getLag = .zero }, { $0.modes.maximumPageSize = nil },
            { $0.modes.listsDeleted = plain.listsDeleted }, { $0.modes.getDeleted = plain.getDeleted },
            { $0.modes.deadCursor = plain.deadCursor }, { $0.modes.declined = plain.declined },
            { $0.modes.showsAcceptedAt = false }, { $0.modes.showsRBACGroupIDs = false },
        ]
        return changes.compactMap { change in
            var plan = self
            change(&plan)
            let isSame =
                plan.modes == modes && plan.passes == passes && plan.invites == invites && plan.pageSize == pageSize
                && plan.faultProbability == faultProbability && plan.changeProbability == changeProbability
                && plan.crashProbability == crashProbability && plan.clockProbability == clockProbability
            return isSame || plan.passes < 1 || plan.invites < 0 ? nil : plan
        }
    }
}
