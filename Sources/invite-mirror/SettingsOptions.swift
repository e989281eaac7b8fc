import ArgumentParser
import Foundation
import InviteMirror
import Logging

/// The settings as flags: every key of the file, dots as dashes.
struct SettingsOptions: ParsableArguments {
    @Option(name: .customLong("config"), help: "The settings' file, YAML.")
    var file: String?

    @Option(name: .customLong("api-base-url"), help: help(.baseURL))
    var baseURL: String?

    @Option(name: .customLong("api-requests-per-minute"), help: help(.requestsPerMinute))
    var requestsPerMinute: String?

    @Option(name: .customLong("api-request-timeout-seconds"), help: help(.requestTimeoutSeconds))
    var requestTimeoutSeconds: String?

    @Option(name: .customLong("api-page-size"), help: help(.pageSize))
    var pageSize: String?

    @Option(name: .customLong("database-path"), help: help(.databasePath))
    var databasePath: String?

    @Option(name: .customLong("sync-interval-seconds"), help: help(.intervalSeconds))
    var intervalSeconds: String?

    @Option(name: .customLong("sync-full-interval-seconds"), help: help(.fullIntervalSeconds))
    var fullIntervalSeconds: String?

    @Option(name: .customLong("log-level"), help: help(.logLevel))
    var logLevel: String?

    @Option(name: .customLong("log-format"), help: help(.logFormat))
    var logFormat: String?

    @Option(name: .customLong("metrics-textfile"), help: help(.metricsTextfile))
    var metricsTextfile: String?

    @Option(name: .customLong("metrics-listen"), help: help(.metricsListen))
    var metricsListen: String?

    @Option(name: .customLong("log-anchor-directory"), help: help(.anchorDirectory))
    var anchorDirectory: String?

    @Option(name: .customLong("log-anchor-command"), help: help(.anchorCommand))
    var anchorCommand: String?

    @Option(name: .customLong("policy-allowed-domains"), help: help(.allowedDomains))
    var allowedDomains: String?

    @Option(name: .customLong("policy-privileged-roles"), help: help(.privilegedRoles))
    var privilegedRoles: String?

    @Option(name: .customLong("policy-stale-after-days"), help: help(.staleAfterDays))
    var staleAfterDays: String?

    private static func help(_ setting: Setting) -> ArgumentHelp {
        let fallback = setting.defaultText.map { "; default \($0)" } ?? ""
        let help = setting.help.prefix(1).uppercased() + setting.help.dropFirst()
        return ArgumentHelp("\(help): \(setting.range) (\(setting.environment)\(fallback)).", valueName: "value")
    }

    /// The flags that were given, by key.
    private var flags: [String: String] {
        let values: [(Setting, String?)] = [
            (.baseURL, baseURL), (.requestsPerMinute, requestsPerMinute),
            (.requestTimeoutSeconds, requestTimeoutSeconds), (.pageSize, pageSize), (.databasePath, databasePath),
            (.intervalSeconds, intervalSeconds), (.fullIntervalSeconds, fullIntervalSeconds), (.logLevel, logLevel),
            (.logFormat, logFormat), (.metricsTextfile, metricsTextfile), (.metricsListen, metricsListen),
            (.anchorDirectory, anchorDirectory), (.anchorCommand, anchorCommand), (.allowedDomains, allowedDomains),
            (.privilegedRoles, privilegedRoles), (.staleAfterDays, staleAfterDays),
        ]
        return values.reduce(into: [:]) { flags, pair in flags[pair.0.key] = pair.1 }
    }

    /// - Throws: a ``Failure`` if the settings are not valid.
    func read() throws -> Settings {
        try Settings(flags: flags, environment: Self.environment, file: file)
    }

    /// - Throws: a ``Failure`` if there is no mirror.
    func openReader() throws -> MirrorReader {
        try MirrorReader(path: read().databasePath)
    }

    static var environment: [String: String] { ProcessInfo.processInfo.environment }
}

extension Settings {
    func logger(_ label: String = "invite-mirror") -> Logger {
        Logger(label: label) { _ in
            LineLogHandler(level: logLevel, format: logFormat, environment: SettingsOptions.environment)
        }
    }
}
