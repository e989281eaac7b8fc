import Configuration
import Foundation
import InviteCore
import Logging
import Yams

/// One setting: what it is called, what it may be, and what it is if nobody says.
package struct Setting: Sendable {
    /// In the file: components joined by dots. The flag is the same with dashes.
    package let key: String
    package let environment: String
    package let help: String
    /// What it may be, for people.
    package let range: String
    /// Nil where the default depends on the machine.
    package let defaultText: String?

    package var flag: String { "--" + key.replacing(".", with: "-") }

    package static let baseURL = Setting(
        "api.base-url", environment: "ANTHROPIC_BASE_URL", "where the API is, without /v1",
        range: "an https URL, or an http one of this machine; no user, query or fragment",
        default: "https://api.anthropic.com")
    package static let requestsPerMinute = Setting(
        "api.requests-per-minute", "requests that all passes together may send in a minute", range: "1…1000000",
        default: "20")
    package static let requestTimeoutSeconds = Setting(
        "api.request-timeout-seconds", "how long one try may take until its whole answer is there", range: "1…600",
        default: "30")
    package static let pageSize = Setting(
        "api.page-size", "invites asked for in one page", range: "1…1000", default: "1000")
    package static let databasePath = Setting(
        "database.path", "the SQLite file", range: "a path, not empty", default: nil)
    package static let intervalSeconds = Setting(
        "sync.interval-seconds", "from one pass of the service to the next", range: "1…2592000", default: "300")
    package static let fullIntervalSeconds = Setting(
        "sync.full-interval-seconds", "from one full pass to the next at the most", range: "1…2592000",
        default: "86400")
    package static let logLevel = Setting(
        "log.level", "the least severe lines that are written",
        range: "one of " + Logger.Level.allCases.map(\.rawValue).joined(separator: ", "), default: "info")

    package static let logFormat = Setting(
        "log.format", "how log lines look; under systemd, text goes to the journal with native fields",
        range: "one of " + LogFormat.allCases.map(\.rawValue).joined(separator: ", "), default: "text")
    package static let metricsTextfile = Setting(
        "metrics.textfile", "a file for the node exporter's textfile collector, written after each pass",
        range: "off, or a path that ends in .prom", default: "off")
    package static let metricsListen = Setting(
        "metrics.listen", "where the service answers /metrics and /healthz",
        range: "off, or host:port; a port alone is one of 127.0.0.1", default: "off")
    package static let anchorDirectory = Setting(
        "log.anchor-directory", "a folder that gets each signed checkpoint as a file", range: "a path", default: nil)
    package static let anchorCommand = Setting(
        "log.anchor-command", "a shell command that gets each signed checkpoint on its standard input",
        range: "a command for /bin/sh", default: nil)
    package static let allowedDomains = Setting(
        "policy.allowed-domains", "the report finds invites to addresses of any other domain",
        range: "domains, separated by commas", default: nil)
    package static let privilegedRoles = Setting(
        "policy.privileged-roles", "the report finds invites to these roles", range: "roles, separated by commas",
        default: "admin,billing,owner,primary_owner,membership_admin")
    package static let staleAfterDays = Setting(
        "policy.stale-after-days", "the report finds invites that have been pending for longer", range: "1…3650",
        default: "14")

    package static let all = [
        baseURL, requestsPerMinute, requestTimeoutSeconds, pageSize, databasePath, intervalSeconds,
        fullIntervalSeconds, logLevel, logFormat, metricsTextfile, metricsListen, anchorDirectory, anchorCommand,
        allowedDomains, privilegedRoles, staleAfterDays,
    ]

    private init(_ key: String, environment: String? = nil, _ help: String, range: String, default text: String?) {
        self.key = key
        self.environment =
            environment
            ?? "INVITE_MIRROR_" + key.uppercased().replacing(".", with: "_").replacing("-", with: "_")
        self.help = help
        self.range = range
        defaultText = text
    }
}

/// The settings of one run, checked.
package struct Settings: Sendable, Equatable {
    package let baseURL: BaseURL
    package let requestsPerMinute: Int
    package let requestTimeout: Duration
    package let pageSize: Int
    package let databasePath: String
    package let interval: Duration
    package let fullInterval: Duration
    package let logLevel: Logger.Level
    package let logFormat: LogFormat
    /// Nil where it is off.
    package let metricsTextfile: String?
    /// Nil where it is off.
    package let metricsListen: ListenAddress?
    package let anchorDirectory: String?
    package let anchorCommand: String?
    package let policy: Policy

    /// What the report holds invites against.
    package struct Policy: Sendable, Equatable {
        /// In lower case; empty: any domain will do.
        package let allowedDomains: [String]
        package let privilegedRoles: [String]
        package let staleAfterDays: Int

        package init(allowedDomains: [String], privilegedRoles: [String], staleAfterDays: Int) {
            self.allowedDomains = allowedDomains
            self.privilegedRoles = privilegedRoles
            self.staleAfterDays = staleAfterDays
        }
    }

    /// Reads the settings: a flag beats an environment variable, which beats the file, which beats the default.
    ///
    /// - Parameters:
    ///   - flags: what was given on the command line, by key.
    ///   - file: the path of a YAML file, if one is to be read.
    /// - Throws: a ``Failure`` that names key, value and range.
    package init(flags: [String: String], environment: [String: String], file: String?) throws {
        let variables = Setting.all.compactMap { setting in
            environment[setting.environment].map { (setting.key, $0.trimmed) }
        }
        let reader = Reader(
            ConfigReader(providers: [
                Self.provider("flags", flags),
                // An empty variable is one that is not set.
                Self.provider("environment", Dictionary(uniqueKeysWithValues: variables.filter { !$0.1.isEmpty })),
                Self.provider("file", try file.map(SettingsFile.values) ?? [:]),
            ]))
        baseURL = try reader.read(.baseURL) { BaseURL($0) }
        requestsPerMinute = try reader.integer(.requestsPerMinute, 1...1_000_000)
        requestTimeout = .seconds(try reader.integer(.requestTimeoutSeconds, 1...600))
        pageSize = try reader.integer(.pageSize, 1...1000)
        databasePath = try reader.path(.databasePath, environment: environment)
        interval = .seconds(try reader.integer(.intervalSeconds, 1...2_592_000))
        fullInterval = .seconds(try reader.integer(.fullIntervalSeconds, 1...2_592_000))
        logLevel = try reader.read(.logLevel) { Logger.Level(rawValue: $0) }
        logFormat = try reader.read(.logFormat) { LogFormat(rawValue: $0) }
        metricsTextfile = try reader.switchable(.metricsTextfile) { $0.hasSuffix(".prom") ? $0 : nil }
        metricsListen = try reader.switchable(.metricsListen) { ListenAddress($0) }
        anchorDirectory = try reader.optional(.anchorDirectory)
        anchorCommand = try reader.optional(.anchorCommand)
        policy = Policy(
            allowedDomains: try reader.list(.allowedDomains).map(\.asciiLowercased),
            privilegedRoles: try reader.list(.privilegedRoles),
            staleAfterDays: try reader.integer(.staleAfterDays, 1...3650))
    }

    private static func provider(_ name: String, _ texts: [String: String]) -> InMemoryProvider {
        let values = texts.map { key, text in
            (AbsoluteConfigKey(key.components), ConfigValue(.string(text), isSecret: false))
        }
        return InMemoryProvider(name: name, values: Dictionary(uniqueKeysWithValues: values))
    }
}

extension String {
    fileprivate var components: [String] { split(separator: ".").map(String.init) }

    /// A URL that names a user may name a password: what is told of it has neither.
    fileprivate var withoutUserInfo: String {
        guard let scheme = range(of: "://"), let at = range(of: "@", options: .backwards),
            at.lowerBound >= scheme.upperBound
        else { return self }
        return self[..<scheme.upperBound] + "…" + self[at.lowerBound...]
    }
}

/// Reads one setting after the other and says what is wrong with it.
private struct Reader {
    private let config: ConfigReader

    init(_ config: ConfigReader) {
        self.config = config
    }

    func read<Value>(_ setting: Setting, _ parse: (String) -> Value?) throws -> Value {
        guard let text = text(setting) ?? setting.defaultText, let value = parse(text) else {
            throw Self.invalid(setting, text(setting) ?? "")
        }
        return value
    }

    func integer(_ setting: Setting, _ range: ClosedRange<Int>) throws -> Int {
        try read(setting) { text in Int(text).flatMap { range.contains($0) ? $0 : nil } }
    }

    /// Nil where the setting is `off`.
    func switchable<Value>(_ setting: Setting, _ parse: (String) -> Value?) throws -> Value? {
        try read(setting) { text -> Value?? in text == "off" ? .some(nil) : parse(text).map { .some($0) } }
    }

    /// Nil if it is not set, or to nothing.
    func optional(_ setting: Setting) throws -> String? {
        guard let text = text(setting), !text.isEmpty else { return nil }
        guard !text.utf8.contains(0) else { throw Self.invalid(setting, text) }
        return text
    }

    /// What stands between the commas; set to nothing, it is the empty list.
    func list(_ setting: Setting) throws -> [String] {
        (text(setting) ?? setting.defaultText ?? "").split(separator: ",").map { String($0).trimmed }
            .filter { !$0.isEmpty }
    }

    func path(_ setting: Setting, environment: [String: String]) throws -> String {
        if let path = text(setting) {
            guard !path.isEmpty, !path.utf8.contains(0) else { throw Self.invalid(setting, path) }
            return path
        }
        return Self.stateDirectory(environment) + "/mirror.db"
    }

    /// systemd's state directory, the first one if there are several; else the user's.
    private static func stateDirectory(_ environment: [String: String]) -> String {
        if let directory = environment["STATE_DIRECTORY"]?.split(separator: ":").first { return String(directory) }
        if let home = environment["XDG_STATE_HOME"], home.hasPrefix("/") { return "\(home)/invite-mirror" }
        return "\(environment["HOME"] ?? NSHomeDirectory())/.local/state/invite-mirror"
    }

    private func text(_ setting: Setting) -> String? {
        config.string(forKey: ConfigKey(setting.key.components))
    }

    private static func invalid(_ setting: Setting, _ value: String) -> Failure {
        Failure(
            .configuration,
            """
            \(setting.key) is "\(value.withoutUserInfo)", but takes \(setting.range) (flag \(setting.flag), \
            environment \(setting.environment), or the file); nothing was done
            """)
    }
}

/// The settings' file. It is parsed here and not by the configuration library, which does not tell of keys that
/// nobody reads and takes a file of comments alone for an error.
private enum SettingsFile {
    /// What the file sets, by key.
    ///
    /// - Throws: a ``Failure`` if it cannot be read or has a key that is no setting.
    static func values(_ path: String) throws -> [String: String] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw unreadable(path, "it is no file, or this user may not read it")
        }
        guard let text = String(bytes: data, encoding: .utf8) else { throw unreadable(path, "it is not UTF-8") }
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch {
            throw unreadable(path, "it is not YAML: \(error)")
        }
        guard let root, !isEmpty(root) else { return [:] }
        guard let mapping = root.mapping else { throw unreadable(path, "it is not a mapping of settings") }
        var values: [String: String] = [:]
        try collect(mapping, below: [], in: path, into: &values)
        return values
    }

    private static func unreadable(_ path: String, _ reason: String) -> Failure {
        Failure(.configuration, "the settings file \(path) cannot be used: \(reason); nothing was done")
    }

    private static func isEmpty(_ node: Node) -> Bool {
        node.scalar.map { ["", "null", "~"].contains($0.string) } ?? false
    }

    private static func collect(
        _ mapping: Node.Mapping, below path: [String], in file: String, into values: inout [String: String]
    ) throws {
        for (name, value) in mapping {
            let components = path + [name.string ?? "?"]
            let key = components.joined(separator: ".")
            let isNested = name.string?.contains(".") == false
            let isSection = isNested && Setting.all.contains { $0.key.hasPrefix(key + ".") }
            if isNested, Setting.all.contains(where: { $0.key == key }) {
                guard let scalar = value.scalar else { throw unreadable(file, "\(key) is not a single value") }
                values[key] = scalar.string
            } else if isSection, let section = value.mapping {
                try collect(section, below: components, in: file, into: &values)
            } else if !(isSection && isEmpty(value)) {
                throw Failure(
                    .configuration,
                    """
                    the settings file \(file) sets \(key), which is no setting: there are \
                    \(Setting.all.map(\.key).joined(separator: ", ")); nothing was done
                    """)
            }
        }
    }
}

/// Where the API is: https, or http to this machine only, since the secret travels along.
package struct BaseURL: Sendable, Equatable, CustomStringConvertible {
    package let description: String
    package let host: String
    package let isSecure: Bool

    package init?(_ text: String) {
        guard text.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value < 0x7F }),
            let parts = URLComponents(string: text), let host = parts.encodedHost, !host.isEmpty,
            parts.user == nil, parts.password == nil, parts.query == nil, parts.fragment == nil,
            let scheme = parts.scheme?.lowercased(), scheme == "https" || (scheme == "http" && Self.isLoopback(host)),
            parts.port.map({ (1...65535).contains($0) }) ?? true
        else { return nil }
        var text = text
        while text.hasSuffix("/") { text.removeLast() }
        description = text
        self.host = host
        isSecure = scheme == "https"
    }

    private static func isLoopback(_ host: String) -> Bool {
        let host = host.lowercased()
        if host == "localhost" || host == "::1" || host == "[::1]" { return true }
        let octets = host.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        return octets.count == 4 && octets.allSatisfy { $0 != nil } && octets[0] == 127
    }
}
