/// Where each invite stands in the listing, without a scan: ranks from 0 at the top.
struct ListOrder: Sendable {
    /// Every id met so far, sorted; kept up only while the listing is by id.
    private var sortedIDs: [String] = []
    private var slotsMet = 0
    /// Positions from the top, and the rank of each; for the orders that every change may turn over.
    private var positions: [Int] = []
    private var ranks: [Int] = []
    private(set) var order = Modes.Order.newestFirst

    mutating func update(_ order: Modes.Order, for organization: SimulatedOrganization) {
        self.order = order
        if order == .changedFirst || order == .pendingFirst { sort(organization) }
        guard order == .byID, slotsMet < organization.slots.count else { return }
        let fresh = organization.slots[slotsMet...].compactMap { $0?.id }
        slotsMet = organization.slots.count
        if fresh.count > 100 {
            sortedIDs = (sortedIDs + fresh).sorted()
        } else {
            for id in fresh { sortedIDs.insert(id, at: rank(ofID: id)) }
        }
    }

    private mutating func sort(_ organization: SimulatedOrganization) {
        let slots = organization.slots
        positions = slots.indices.reversed()
        switch order {
        case .changedFirst:
            let since = slots.map { $0?.statusSince ?? organization.now }
            positions.sort { (since[$0], $0) > (since[$1], $1) }
        default:
            let isPending = slots.map { $0?.status == .pending }
            positions = positions.filter { isPending[$0] } + positions.filter { !isPending[$0] }
        }
        ranks = Array(repeating: 0, count: positions.count)
        for (rank, position) in positions.enumerated() { ranks[position] = rank }
    }

    func count(in view: OrganizationView) -> Int {
        order == .byID ? sortedIDs.count : view.slotCount
    }

    func position(atRank rank: Int, in view: OrganizationView) -> Int? {
        switch order {
        case .newestFirst: view.slotCount - 1 - rank
        case .oldestFirst: rank
        case .byID: view.position(of: sortedIDs[rank])
        case .changedFirst, .pendingFirst: positions[rank]
        }
    }

    func rank(of id: String, at position: Int, in view: OrganizationView) -> Int {
        switch order {
        case .newestFirst: view.slotCount - 1 - position
        case .oldestFirst: position
        case .byID: rank(ofID: id)
        case .changedFirst, .pendingFirst: ranks[position]
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
