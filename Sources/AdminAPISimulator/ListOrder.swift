/// Where each invite stands in the listing, without a scan: ranks from 0 at the top.
struct ListOrder: Sendable {
    /// Every id met so far, sorted; kept up only while the listing is by id.
    private var sortedIDs: [String] = []
    private var slotsMet = 0
    private(set) var order = Modes.Order.newestFirst

    mutating func update(_ order: Modes.Order, for organization: SimulatedOrganization) {
        self.order = order
        guard order == .byID, slotsMet < organization.slots.count else { return }
        let fresh = organization.slots[slotsMet...].compactMap { $0?.id }
        slotsMet = organization.slots.count
        if fresh.count > 100 {
            sortedIDs = (sortedIDs + fresh).sorted()
        } else {
            for id in fresh { sortedIDs.insert(id, at: rank(ofID: id)) }
        }
    }

    func count(in view: OrganizationView) -> Int {
        order == .byID ? sortedIDs.count : view.slotCount
    }

    func position(atRank rank: Int, in view: OrganizationView) -> Int? {
        switch order {
        case .newestFirst: view.slotCount - 1 - rank
        case .oldestFirst: rank
        case .byID: view.position(of: sortedIDs[rank])
        }
    }

    func rank(of id: String, at position: Int, in view: OrganizationView) -> Int {
        switch order {
        case .newestFirst: view.slotCount - 1 - position
        case .oldestFirst: position
        case .byID: rank(ofID: id)
        }
    }

    /// The first rank whose id is not less than this one.
    private func rank(ofID id: String) -> Int {
        var low = 0
        var high = sortedIDs.count
        while low < high {
            let middle = (low + high) / 2
            if sortedIDs[middle] < id { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
