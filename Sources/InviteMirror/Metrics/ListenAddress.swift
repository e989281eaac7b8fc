/// Where a listener of the service is bound: a host and a port.
package struct ListenAddress: Sendable, Equatable, CustomStringConvertible {
    package let host: String
    /// 1…65535.
    package let port: Int

    package static let loopback = "127.0.0.1"

    /// Reads `host:port`, `[address]:port`, or a port alone, which means this machine only.
    package init?(_ text: String) {
        let (hostText, portText): (Substring, Substring)
        if let colon = text.lastIndex(of: ":") {
            (hostText, portText) = (text[..<colon], text[text.index(after: colon)...])
        } else {
            (hostText, portText) = ("", text[...])
        }
        guard portText.allSatisfy({ $0.isASCII && $0.isNumber }), let port = Int(portText), (1...65535).contains(port)
        else { return nil }
        var host = hostText
        if host.hasPrefix("[") && host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
            guard host.contains(":") else { return nil }
        } else if host.contains(":") {
            return nil
        }
        guard host.allSatisfy({ $0.isASCII && !$0.isWhitespace && $0 != "/" && $0 != "@" }) else { return nil }
        self.host = host.isEmpty ? Self.loopback : String(host)
        self.port = port
    }

    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
