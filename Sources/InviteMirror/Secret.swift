import Foundation
import InviteCore

/// The secret that the Admin API is asked with. It cannot be printed: only the header that carries it is to be had.
package struct Secret: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// How the API takes it.
    package enum Kind: Sendable {
        /// An Admin API key, sent as `x-api-key`.
        case key
        /// An OAuth token, sent as `Authorization: Bearer`.
        case token
    }

    package let kind: Kind
    private let value: String

    package var header: (name: String, value: String) {
        switch kind {
        case .key: ("x-api-key", value)
        case .token: ("authorization", "Bearer \(value)")
        }
    }

    /// A text without the secret, in case it stands in it.
    package func redact(_ text: String) -> String {
        // Byte by byte: a combining mark behind the secret would hide it from a search for Characters.
        var rest = Array(text.utf8)[...]
        let secret = Array(value.utf8)
        var output: [UInt8] = []
        while let first = rest.first {
            if rest.starts(with: secret) {
                output += description.utf8
                rest = rest.dropFirst(secret.count)
            } else {
                output.append(first)
                rest = rest.dropFirst()
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// Whether a JSON text holds the secret, with escapes or without. One of fewer than eight bytes may stand in any
    /// text, and is not looked for.
    package func stands(in answer: [UInt8]) -> Bool {
        let secret = Array(value.utf8)
        guard secret.count >= 8 else { return false }
        if Self.find(secret, in: answer) { return true }
        let hasEscapes = answer.withUnsafeBytes { bytes in
            bytes.baseAddress.map { memchr($0, CInt(UInt8(ascii: "\\")), bytes.count) != nil } ?? false
        }
        return hasEscapes && Self.find(secret, in: Self.unescaped(answer))
    }

    /// Horspool's search: an answer is long, and most of its bytes are skipped.
    private static func find(_ secret: [UInt8], in answer: [UInt8]) -> Bool {
        var steps = [Int](repeating: secret.count, count: 256)
        for (index, byte) in secret.dropLast().enumerated() { steps[Int(byte)] = secret.count - 1 - index }
        return answer.withUnsafeBufferPointer { answer in
            var end = secret.count
            while end <= answer.count {
                if answer[(end - secret.count)..<end].elementsEqual(secret) { return true }
                end += steps[Int(answer[end - 1])]
            }
            return false
        }
    }

    /// A whole JSON text whose escapes are what they stand for, as far as a secret can have it: bytes in, bytes out,
    /// since it may be every page's.
    private static func unescaped(_ answer: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(answer.count)
        var rest = answer[...]
        while let backslash = rest.firstIndex(of: UInt8(ascii: "\\")) {
            output += rest[..<backslash]
            rest = rest[(backslash + 1)...]
            guard let escaped = rest.popFirst() else { break }
            let digits = String(decoding: rest.prefix(4), as: UTF8.self)
            if escaped == UInt8(ascii: "u"), let unit = UInt8(digits, radix: 16) {
                output.append(unit)
                rest = rest.dropFirst(4)
            } else {
                output.append(escaped)
            }
        }
        return output + rest
    }

    package var description: String { "<secret>" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: [:]) }

    /// - Throws: a ``Failure`` if the value cannot stand in a header.
    package init(_ kind: Kind, _ value: String, from source: String) throws {
        guard value.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value < 0x7F }) else {
            throw Failure(
                .configuration,
                "the secret in \(source) has a character that no header can carry; nothing was asked of the API"
            )
        }
        self.kind = kind
        self.value = value
    }

    /// Finds the secret: the key before the token, each from the environment before the credentials directory.
    ///
    /// - Throws: a ``Failure`` if there is none, or it cannot be read.
    package init(environment: [String: String]) throws {
        let places: [(Kind, variable: String, credential: String)] = [
            (.key, "ANTHROPIC_ADMIN_KEY", "admin-api-key"), (.token, "ANTHROPIC_OAUTH_TOKEN", "oauth-token"),
        ]
        for (kind, variable, credential) in places {
            if let value = environment[variable]?.trimmed, !value.isEmpty {
                self = try Secret(kind, value, from: variable)
                return
            }
            if let value = try Self.credential(credential, environment: environment) {
                self = try Secret(kind, value, from: "the credential \(credential)")
                return
            }
        }
        throw Failure(
            .configuration,
            """
            no secret: set ANTHROPIC_ADMIN_KEY (or ANTHROPIC_OAUTH_TOKEN), or give the service the systemd credential \
            admin-api-key (or oauth-token); nothing was asked of the API
            """)
    }

    private static func credential(_ name: String, environment: [String: String]) throws -> String? {
        guard let directory = environment["CREDENTIALS_DIRECTORY"], !directory.isEmpty else { return nil }
        let path = "\(directory)/\(name)"
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        guard let data = FileManager.default.contents(atPath: path), let text = String(bytes: data, encoding: .utf8)
        else { throw Failure(.configuration, "the credential \(name) cannot be read at \(path)") }
        let value = text.trimmed
        return value.isEmpty ? nil : value
    }
}
