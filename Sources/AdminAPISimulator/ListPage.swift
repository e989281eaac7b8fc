/// What List was asked for, checked.
struct ListQuery {
    enum Cursor {
        case top
        case after(String)
        case before(String)
    }

    /// 1…1000.
    var limit = 20
    var cursor = Cursor.top

    /// Source: the API's reference, List Invites, query parameters.
    init(_ request: SimulatedRequest) throws(APIError) {
        if let text = request.queryValue("limit") {
            guard let limit = Int(text) else {
                throw .invalid("limit: Input should be a valid integer, unable to parse string as an integer")
            }
            guard limit >= 1 else { throw .invalid("limit: Input should be greater than or equal to 1") }
            guard limit <= 1000 else { throw .invalid("limit: Input should be less than or equal to 1000") }
            self.limit = limit
        }
        switch (request.queryValue("after_id"), request.queryValue("before_id")) {
        case (.some, .some): throw .invalid("Only one of before_id and after_id may be given")
        case (.some(let id), nil): cursor = .after(id)
        case (nil, .some(let id)): cursor = .before(id)
        case (nil, nil): break
        }
    }
}

/// One page of the listing.
struct ListPage {
    var invites: [SimulatedInvite] = []
    var hasMore = false

    init() {}

    /// Reads a page off the listing; what it costs depends on the page, not on how many invites there are.
    init(_ query: ListQuery, of view: OrganizationView, in order: ListOrder) throws(APIError) {
        let size = min(query.limit, max(1, view.modes.maximumPageSize ?? query.limit))
        switch query.cursor {
        case .top:
            fill(from: 0, step: 1, size: size, of: view, in: order)
        case .after(let id):
            guard let rank = Self.rank(of: id, view, order) else {
                try lose(id, named: "after_id", size: size, of: view, in: order)
                return
            }
            fill(from: rank + 1, step: 1, size: size, of: view, in: order)
        case .before(let id):
            guard let rank = Self.rank(of: id, view, order) else {
                try lose(id, named: "before_id", size: size, of: view, in: order)
                return
            }
            fill(from: rank - 1, step: -1, size: size, of: view, in: order)
            if !view.modes.reversesBeforePages { invites.reverse() }
        }
    }

    private static func rank(of id: String, _ view: OrganizationView, _ order: ListOrder) -> Int? {
        guard let position = view.position(of: id), view.listed(at: position) != nil else { return nil }
        return order.rank(of: id, at: position, in: view)
    }

    private mutating func fill(from start: Int, step: Int, size: Int, of view: OrganizationView, in order: ListOrder) {
        invites.reserveCapacity(size)
        let end = step > 0 ? order.count(in: view) : -1
        for rank in stride(from: start, to: end, by: step) {
            guard let position = order.position(atRank: rank, in: view), let invite = view.listed(at: position) else {
                continue
            }
            guard invites.count < size else {
                hasMore = true
                return
            }
            invites.append(invite)
        }
    }

    /// The cursor is unknown: four ways to answer, and nobody knows which is the API's.
    private mutating func lose(
        _ id: String, named name: String, size: Int, of view: OrganizationView, in order: ListOrder
    ) throws(APIError) {
        switch view.modes.deadCursor {
        case .badRequest: throw .invalid("\(name): No invite with id \(id)")
        case .notFound: throw .notFound("\(name): No invite with id \(id)")
        case .emptyLastPage: break
        case .restartAtTop: fill(from: 0, step: 1, size: size, of: view, in: order)
        }
    }
}
