import InviteCore

/// What is going to happen in an organisation, earliest first: a binary heap.
struct EventQueue: Sendable {
    struct Event: Sendable {
        var instant: Timestamp
        /// Decides between events of one instant, so that the order never depends on the heap's inner state.
        var tieBreaker: Int
        var kind: Kind
    }

    enum Kind: Sendable {
        /// The next invite of the organisation's own life is created; its serial number.
        case creation(serial: Int)
        /// The invite at this position leaves `pending`, unless its generation has moved on since.
        case end(position: Int, status: SimulatedInvite.Status, generation: Int)
    }

    private var heap: [Event] = []

    var earliest: Event? { heap.first }

    mutating func push(_ event: Event) {
        heap.append(event)
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard Self.precedes(heap[child], heap[parent]) else { return }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    mutating func pop() -> Event? {
        guard let top = heap.first else { return nil }
        let last = heap.removeLast()
        guard !heap.isEmpty else { return top }
        heap[0] = last
        var parent = 0
        while true {
            let left = 2 * parent + 1
            guard left < heap.count else { return top }
            let right = left + 1
            let child = right < heap.count && Self.precedes(heap[right], heap[left]) ? right : left
            guard Self.precedes(heap[child], heap[parent]) else { return top }
            heap.swapAt(child, parent)
            parent = child
        }
    }

    private static func precedes(_ left: Event, _ right: Event) -> Bool {
        left.instant != right.instant ? left.instant < right.instant : left.tieBreaker < right.tieBreaker
    }
}
