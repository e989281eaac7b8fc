import Crypto
import Foundation
import InviteCore

/// The public half of a key, in the text that C2SP signed-note and Go's `note.NewVerifier` take:
/// `name+hash+base64(0x01 ‖ public key)`.
package struct LogVerifierKey: Sendable, Equatable, CustomStringConvertible {
    package let name: String
    let key: Curve25519.Signing.PublicKey
    /// The first four bytes of SHA-256(name ‖ \n ‖ 0x01 ‖ public key): names the key in a signature line.
    let identifier: [UInt8]

    /// Ed25519, in signed-note's table of algorithms.
    fileprivate static let algorithm: UInt8 = 1

    init(name: String, key: Curve25519.Signing.PublicKey) {
        self.name = name
        self.key = key
        let encoded = Array(name.utf8) + [UInt8(ascii: "\n"), Self.algorithm] + key.rawRepresentation
        identifier = Array(SHA256.hash(data: encoded).prefix(4))
    }

    package init?(_ text: String) {
        let parts = text.split(separator: "+", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, Self.isName(parts[0]), let data = Data(base64Encoded: String(parts[2])),
            data.first == Self.algorithm,
            let key = try? Curve25519.Signing.PublicKey(rawRepresentation: data.dropFirst())
        else { return nil }
        self.init(name: String(parts[0]), key: key)
        guard parts[1] == identifierText else { return nil }
    }

    package var description: String {
        "\(name)+\(identifierText)+\(Data([Self.algorithm] + key.rawRepresentation).base64EncodedString())"
    }

    fileprivate var identifierText: String {
        identifier.hexadecimal
    }

    /// Not empty, no space and no plus sign.
    fileprivate static func isName(_ text: some StringProtocol) -> Bool {
        !text.isEmpty && text.unicodeScalars.allSatisfy { $0 != "+" && !$0.properties.isWhitespace && $0.value >= 0x20 }
    }

    package static func == (left: LogVerifierKey, right: LogVerifierKey) -> Bool {
        left.description == right.description
    }
}

/// The key that signs checkpoints. It cannot be printed.
package struct LogSigner: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package let verifierKey: LogVerifierKey
    private let key: Curve25519.Signing.PrivateKey

    package var name: String { verifierKey.name }
    package var description: String { "<signing key of \(name)>" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: [:]) }

    private static let prefix = "PRIVATE+KEY+"

    /// A new key.
    ///
    /// - Parameter name: that of the log; nil makes one of the key itself.
    static func generate(name: String?) -> LogSigner {
        let key = Curve25519.Signing.PrivateKey()
        let digest = SHA256.hash(data: key.publicKey.rawRepresentation).prefix(8)
        let own = "invite-mirror/" + digest.hexadecimal
        return LogSigner(name: name ?? own, key: key)
    }

    private init(name: String, key: Curve25519.Signing.PrivateKey) {
        verifierKey = LogVerifierKey(name: name, key: key.publicKey)
        self.key = key
    }

    /// From Go's text form: `PRIVATE+KEY+name+hash+base64(0x01 ‖ seed)`.
    package init?(_ text: String) {
        guard text.hasPrefix(Self.prefix) else { return nil }
        let parts = text.dropFirst(Self.prefix.count).split(
            separator: "+", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, LogVerifierKey.isName(parts[0]), let data = Data(base64Encoded: String(parts[2])),
            data.first == LogVerifierKey.algorithm,
            let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: data.dropFirst())
        else { return nil }
        self.init(name: String(parts[0]), key: key)
        guard parts[1] == verifierKey.identifierText else { return nil }
    }

    /// For the key file alone.
    var secretText: String {
        let data = Data([LogVerifierKey.algorithm] + key.rawRepresentation)
        return "\(Self.prefix)\(name)+\(verifierKey.identifierText)+\(data.base64EncodedString())"
    }

    /// The note: the text, an empty line, and the signature line.
    func sign(_ text: String) throws -> String {
        let signature = try key.signature(for: Data(text.utf8))
        return "\(text)\n— \(name) \(Data(verifierKey.identifier + signature).base64EncodedString())\n"
    }
}

/// A C2SP signed note, taken apart.
package struct SignedNote: Sendable {
    /// What is signed; it ends with a line break.
    package let text: String
    private let signatures: [(name: String, data: Data)]

    package init?(_ note: String) {
        guard let boundary = note.range(of: "\n\n", options: .backwards) else { return nil }
        let lines = note[boundary.upperBound...].split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count >= 2, lines.last == "" else { return nil }
        var signatures: [(String, Data)] = []
        for line in lines.dropLast() {
            let words = line.split(separator: " ", omittingEmptySubsequences: false)
            guard words.count == 3, words[0] == "—", let data = Data(base64Encoded: String(words[2])), data.count > 4
            else { return nil }
            signatures.append((String(words[1]), data))
        }
        text = note[..<boundary.lowerBound] + "\n"
        self.signatures = signatures
    }

    /// Whether one of the keys signed it, and none of them in a way that does not hold: the one that did.
    package func signer(among keys: [LogVerifierKey]) -> LogVerifierKey? {
        var found: LogVerifierKey?
        for signature in signatures {
            for key in keys where key.name == signature.name && signature.data.prefix(4).elementsEqual(key.identifier) {
                guard key.key.isValidSignature(signature.data.dropFirst(4), for: Data(text.utf8)) else { return nil }
                found = key
            }
        }
        return found
    }
}
