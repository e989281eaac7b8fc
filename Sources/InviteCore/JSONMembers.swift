/// The members of one object, sorted by name, each name once; of use while its text is being scanned.
///
/// A member that stands in the text just as canonical JSON has it stays there; any other is written beside it.
struct JSONMembers {
    private let source: UnsafeBufferPointer<UInt8>
    /// Canonical members, one after the other, of all objects that were taken.
    private(set) var written: [UInt8] = []
    /// As the object has them.
    private var places: [Place] = []
    /// Those of the object before, quotes included, and the order that sorts them: the next one mostly has the same.
    private var names: [UInt8] = []
    private var order: [Int] = []

    /// Where a canonical member stands: name, colon, value. Positions behind the end of the source are in what was
    /// written beside it.
    struct Place: Sendable {
        let start: Int32
        let nameEnd: Int32
        let end: Int32

        init(start: Int, nameEnd: Int, end: Int) {
            (self.start, self.nameEnd, self.end) = (Int32(start), Int32(nameEnd), Int32(end))
        }

        var all: Range<Int> { Int(start)..<Int(end) }
        var quotedName: Range<Int> { Int(start)..<Int(nameEnd) }
        /// The name without its quotes, as canonical text has it.
        var name: Range<Int> { Int(start) + 1..<Int(nameEnd) - 1 }
        var value: Range<Int> { Int(nameEnd) + 1..<Int(end) }
    }

    init(of source: UnsafeBufferPointer<UInt8>) {
        self.source = source
    }

    private var end: Int { source.count + written.count }

    /// Calls `body` with the bytes at a place.
    @inline(__always)
    func with<Result>(_ range: Range<Int>, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        Self.with(range, of: source, written, body)
    }

    /// The same of a text and what was written beside it.
    @inline(__always)
    static func with<Result>(
        _ range: Range<Int>, of source: UnsafeBufferPointer<UInt8>, _ written: [UInt8],
        _ body: (UnsafeBufferPointer<UInt8>) -> Result
    ) -> Result {
        if range.upperBound <= source.count { return body(UnsafeBufferPointer(rebasing: source[range])) }
        let (start, end) = (range.lowerBound - source.count, range.upperBound - source.count)
        return written.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[start..<end])) }
    }

    func write(into output: inout [UInt8]) {
        output.append(UInt8(ascii: "{"))
        var isFirst = true
        for place in self {
            if !isFirst { output.append(UInt8(ascii: ",")) }
            isFirst = false
            with(place.all) { output.append(contentsOf: $0) }
        }
        output.append(UInt8(ascii: "}"))
    }

    // MARK: Taking an object

    /// Forgets the places of the object before.
    mutating func begin() {
        places.removeAll(keepingCapacity: true)
        // An invite has seven members.
        places.reserveCapacity(8)
    }

    /// A member that stands in the source as it must.
    mutating func add(_ place: Place) {
        places.append(place)
    }

    /// A member of which `name` and then `value` write the canonical text.
    mutating func add(name: (inout [UInt8]) throws -> Void, value: (inout [UInt8]) throws -> Void) rethrows {
        let start = end
        try name(&written)
        let nameEnd = end
        written.append(UInt8(ascii: ":"))
        try value(&written)
        places.append(Place(start: start, nameEnd: nameEnd, end: end))
    }

    /// Where the inside of a string stands as it reads: beside the source if it has escapes.
    mutating func reading(_ inner: Range<Int>) -> Range<Int> {
        // What was left in the source has none.
        guard inner.upperBound > source.count, with(inner, { $0.contains(UInt8(ascii: "\\")) }) else { return inner }
        let start = end
        written.append(contentsOf: with(inner) { JSONText.unescape($0) }.utf8)
        return start..<end
    }

    private var hasNamesAsBefore: Bool {
        names.withUnsafeBufferPointer { names in
            var start = 0
            for place in places {
                let end = start + place.quotedName.count
                guard end <= names.count else { return false }
                let name = UnsafeBufferPointer(rebasing: names[start..<end])
                guard with(place.quotedName, { $0.isIdentical(to: name) }) else { return false }
                start = end
            }
            return start == names.count
        }
    }

    /// Whether the names, without escapes, stand in their order, each once: those of a stored document do.
    private var isSorted: Bool {
        !names.contains(UInt8(ascii: "\\"))
            && zip(places, places.dropFirst()).allSatisfy { left, right in
                with(left.name) { left in with(right.name) { left.lexicographicallyPrecedes($0) } }
            }
    }

    /// Sorts by code point and keeps the last of each name. Returns how many were dropped.
    mutating func sort() -> Int {
        if hasNamesAsBefore { return places.count - order.count }
        names.removeAll(keepingCapacity: true)
        names.reserveCapacity(places.reduce(0) { $0 + $1.quotedName.count })
        for place in places { with(place.quotedName) { names.append(contentsOf: $0) } }
        if isSorted {
            order = Array(places.indices)
            return 0
        }
        let spelt = places.map { with($0.name) { Array($0) } }
        // UTF-8 sorts as code points do. Lone surrogates, which read alike, keep an order of their own.
        let read = spelt.map { $0.contains(UInt8(ascii: "\\")) ? Array(JSONText.unescape($0).utf8) : $0 }
        func precedes(_ left: Int, _ right: Int) -> Bool {
            if read[left] != read[right] { return read[left].lexicographicallyPrecedes(read[right]) }
            return spelt[left].lexicographicallyPrecedes(spelt[right])
        }
        // A sort that keeps the order of equal names, whatever the library promises.
        let all = places.indices.sorted { precedes($0, $1) || (!precedes($1, $0) && $0 < $1) }
        order = all.indices.filter { $0 + 1 == all.count || spelt[all[$0]] != spelt[all[$0 + 1]] }.map { all[$0] }
        return places.count - order.count
    }
}

/// The places of the object that was taken last, sorted, each name once.
extension JSONMembers: RandomAccessCollection {
    var startIndex: Int { 0 }
    var endIndex: Int { order.count }

    subscript(position: Int) -> Place { places[order[position]] }
}
