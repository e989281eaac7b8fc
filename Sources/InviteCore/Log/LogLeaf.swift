/// The canonical encoding of one row of `invite_event`, which is hashed as a leaf of the log. Version 1:
///
/// ```
/// invite-event/1\n
/// ```
/// and then, for each of the twelve columns in the order of the table: `-\n` for NULL, else the number of bytes in
/// decimal, `:`, the bytes and `\n`; where there are more than 4096 bytes, the number of bytes, `#`, their SHA-256 in
/// lower-case hexadecimal and `\n`. A number is its decimal text, a text its bytes in UTF-8. So no two rows have the
/// same encoding, and none is longer than 65,535 bytes, the most that an entry of C2SP tlog-tiles can have.
package struct LogLeaf: Sendable {
    package private(set) var bytes: [UInt8] = []
    private let hasher: MerkleHasher

    private static let eventVersion = "invite-event/1\n"
    private static let longest = 4096

    /// - Parameter version: the first line; a row of `invite_event` unless told otherwise.
    package init(hasher: MerkleHasher, version: String? = nil) {
        self.hasher = hasher
        bytes.reserveCapacity(1024)
        bytes.append(contentsOf: (version ?? Self.eventVersion).utf8)
    }

    /// The row that an event makes.
    package init(_ event: InviteEvent, seq: Int, pass: Int, hasher: MerkleHasher) {
        self.init(hasher: hasher)
        add("\(seq)")
        add("\(pass)")
        add(event.inviteID)
        add(event.kind.rawValue)
        add(event.field)
        add(event.oldValue)
        add(event.newValue)
        add(event.evidence.rawValue)
        add(event.notBefore?.description)
        add(event.observedAt.description)
        add(event.requestID)
        add(event.document.text)
    }

    package var hash: MerkleHash { hasher.leaf(bytes) }

    package mutating func add(_ text: String?) {
        guard var text else { return add(bytes: nil) }
        text.withUTF8 { add(bytes: $0) }
    }

    package mutating func add(bytes value: UnsafeBufferPointer<UInt8>?) {
        guard let value else {
            bytes.append(UInt8(ascii: "-"))
            bytes.append(UInt8(ascii: "\n"))
            return
        }
        bytes.append(contentsOf: String(value.count).utf8)
        if value.count > Self.longest {
            bytes.append(UInt8(ascii: "#"))
            bytes.append(contentsOf: hasher.sha256(UnsafeRawBufferPointer(value)).bytes.hexadecimal.utf8)
        } else {
            bytes.append(UInt8(ascii: ":"))
            bytes.append(contentsOf: value)
        }
        bytes.append(UInt8(ascii: "\n"))
    }
}
