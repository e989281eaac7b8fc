/// The members of one object, sorted by name, each name once.
package struct JSONMembers: Sendable {
    /// The canonical members, one after the other, without anything between them.
    var bytes: [UInt8] = []
    var places: [Place] = []
    /// The names of the object before, as it had them, and the order that sorted them: the next one mostly has the
    /// same names.
    private var namesBefore: [UInt8] = []
    private var orderBefore: [Int] = []

    struct Place: Sendable {
        /// The canonical name, quotes included; a colon follows, then the value.
        let name: Range<Int>
        let end: Int
        var value: Range<Int> { name.upperBound + 1..<end }
    }

    /// The member's name without its quotes, as canonical text has it.
    func name(_ place: Place) -> ArraySlice<UInt8> {
        bytes[place.name.lowerBound + 1..<place.name.upperBound - 1]
    }

    func value(_ place: Place) -> ArraySlice<UInt8> {
        bytes[place.value]
    }

    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        places.removeAll(keepingCapacity: true)
    }

    /// Calls `body` with each name, without its quotes, and each value, both of them canonical.
    func each(_ body: (_ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>) -> Void) {
        bytes.withUnsafeBufferPointer { bytes in
            for place in places {
                let name = place.name.lowerBound + 1..<place.name.upperBound - 1
                body(.init(rebasing: bytes[name]), .init(rebasing: bytes[place.value]))
            }
        }
    }

    /// Whether the names are those of the object before, which had no name twice.
    private var hasNamesAsBefore: Bool {
        guard places.count == orderBefore.count else { return false }
        return bytes.withUnsafeBufferPointer { bytes in
            namesBefore.withUnsafeBufferPointer { before in
                var start = 0
                for place in places {
                    let end = start + place.name.count
                    guard end <= before.count, bytes[place.name].elementsEqual(before[start..<end]) else {
                        return false
                    }
                    start = end
                }
                return start == before.count
            }
        }
    }

    /// Sorts by code point and keeps the last of each name. Returns how many were dropped.
    mutating func sort() -> Int {
        if hasNamesAsBefore {
            places = orderBefore.map { places[$0] }
            return 0
        }
        namesBefore.removeAll(keepingCapacity: true)
        for place in places { namesBefore.append(contentsOf: bytes[place.name]) }
        let isPlain = !places.contains { name($0).contains(UInt8(ascii: "\\")) }
        // UTF-8 sorts as code points do. Escapes are read before, once for each name.
        let read = isPlain ? [] : places.map { Array(JSONText.unescape(name($0)).utf8) }
        func precedes(_ left: Int, _ right: Int) -> Bool {
            if !isPlain && read[left] != read[right] { return read[left].lexicographicallyPrecedes(read[right]) }
            // Lone surrogates, which read alike, keep an order of their own.
            return name(places[left]).lexicographicallyPrecedes(name(places[right]))
        }
        // A sort that keeps the order of equal names, whatever the library promises.
        let order = places.indices.sorted { left, right in
            precedes(left, right) || (!precedes(right, left) && left < right)
        }
        places = order.map { places[$0] }
        orderBefore = order
        let before = places.count
        places = places.indices.filter { index in
            index + 1 == places.count || !name(places[index]).elementsEqual(name(places[index + 1]))
        }.map { places[$0] }
        if places.count < before { orderBefore = [] }
        return before - places.count
    }

    package func write(into output: inout [UInt8]) {
        output.append(UInt8(ascii: "{"))
        for (index, place) in places.enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            output.append(contentsOf: bytes[place.name.lowerBound..<place.end])
        }
        output.append(UInt8(ascii: "}"))
    }
}
