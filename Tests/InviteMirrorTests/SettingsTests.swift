import Foundation
import InviteCore
import InviteMirror
import Logging
import Testing

@Suite("The settings")
struct SettingsTests {
    /// A key, four values that it may have (flag, environment, file, default), and how to see which one it has.
    struct Key: Sendable, CustomTestStringConvertible {
        let setting: Setting
        let values: [String]
        let shown: @Sendable (Settings) -> String
        var testDescription: String { setting.key }
    }

    static let keys = [
        Key(
            setting: .baseURL,
            values: [
                "https://a.example", "https://b.example", "https://c.example",
                "https://api.anthropic.com",
            ]
        ) { $0.baseURL.description },
        Key(setting: .requestsPerMinute, values: ["1", "2", "3", "20"]) { "\($0.requestsPerMinute)" },
        Key(setting: .requestTimeoutSeconds, values: ["1", "2", "3", "30"]) {
            "\($0.requestTimeout.components.seconds)"
        },
        Key(setting: .pageSize, values: ["1", "2", "3", "1000"]) { "\($0.pageSize)" },
        Key(setting: .databasePath, values: ["/a.db", "/b.db", "/c.db", "/state/mirror.db"]) { $0.databasePath },
        Key(setting: .intervalSeconds, values: ["1", "2", "3", "300"]) { "\($0.interval.components.seconds)" },
        Key(setting: .fullIntervalSeconds, values: ["1", "2", "3", "86400"]) {
            "\($0.fullInterval.components.seconds)"
        },
        Key(setting: .logLevel, values: ["trace", "debug", "error", "info"]) { $0.logLevel.rawValue },
        Key(setting: .logFormat, values: ["json", "text", "json", "text"]) { $0.logFormat.rawValue },
        Key(setting: .metricsTextfile, values: ["/a.prom", "/b.prom", "/c.prom", "off"]) {
            $0.metricsTextfile ?? "off"
        },
        Key(setting: .metricsListen, values: ["127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3", "off"]) {
            $0.metricsListen?.description ?? "off"
        },
        Key(setting: .anchorDirectory, values: ["/a", "/b", "/c", "none"]) { $0.anchorDirectory ?? "none" },
        Key(setting: .anchorCommand, values: ["a", "b", "c", "none"]) { $0.anchorCommand ?? "none" },
        Key(setting: .allowedDomains, values: ["a.example", "b.example", "c.example", ""]) {
            $0.policy.allowedDomains.joined(separator: ",")
        },
        Key(setting: .privilegedRoles, values: ["a", "b,c", "d", "admin,billing,owner,primary_owner,membership_admin"])
        {
            $0.policy.privilegedRoles.joined(separator: ",")
        },
        Key(setting: .staleAfterDays, values: ["1", "3650", "7", "14"]) { "\($0.policy.staleAfterDays)" },
    ]

    @Test("are all in the table of the tests")
    func complete() {
        #expect(Self.keys.map(\.setting.key) == Setting.all.map(\.key))
    }

    @Test("come from a flag before the environment before the file before the default", arguments: keys)
    func precedence(key: Key) throws {
        let folder = try TemporaryFolder()
        let parts = key.setting.key.split(separator: ".")
        let file = try folder.write("# comment\n\(parts[0]):\n  \(parts[1]): \(key.values[2])\n", to: "settings.yaml")
        for rank in 0..<4 {
            var environment = ["STATE_DIRECTORY": "/state"]
            if rank <= 1 { environment[key.setting.environment] = " \(key.values[1])\n" }
            let settings = try Settings(
                flags: rank == 0 ? [key.setting.key: key.values[0]] : [:], environment: environment,
                file: rank <= 2 ? file : nil)
            #expect(key.shown(settings) == key.values[rank])
        }
    }

    @Test(
        "keep their ranges",
        arguments: [
            ("api.requests-per-minute", 1, 1_000_000), ("api.request-timeout-seconds", 1, 600),
            ("api.page-size", 1, 1000), ("sync.interval-seconds", 1, 2_592_000),
            ("sync.full-interval-seconds", 1, 2_592_000),
        ])
    func ranges(key: String, least: Int, most: Int) throws {
        for value in [least, most] { _ = try Settings(flags: [key: "\(value)"], environment: [:], file: nil) }
        for value in ["\(least - 1)", "\(most + 1)", "", "x", "1.5", "1e3", "99999999999999999999"] {
            let failure = #expect(throws: Failure.self) {
                try Settings(flags: [key: value], environment: [:], file: nil)
            }
            #expect(failure?.exitStatus == .configuration)
            for part in [key, "\"\(value)\"", "\(least)…\(most)"] {
                #expect(failure?.description.contains(part) == true, "\(failure?.description ?? "")")
            }
        }
    }

    @Test(
        "refuse a file with anything that is no setting, or no file",
        arguments: [
            "api:\n  page-sise: 3\n", "nonsense: 1\n", "api: 3\n", "api:\n  page-size: [1]\n", "- api\n", "api: [\n",
            "api:\n  page-size: {a: 1}\n", "secret: x\n", "api.page-size: 3\nother: 1\n", "database:\n  path: ''\n",
            "text\n", "api:\n  page-size:\n", "log:\n  level: loud\n",
        ])
    func wrongFiles(text: String) throws {
        let folder = try TemporaryFolder()
        let file = try folder.write(text, to: "settings.yaml")
        let failure = #expect(throws: Failure.self) { try Settings(flags: [:], environment: [:], file: file) }
        #expect(failure?.exitStatus == .configuration)
    }

    @Test("may have a file that sets nothing", arguments: ["", "# only\n# comments\n", "api:\n", "~\n", "---\n"])
    func emptyFiles(text: String) throws {
        let folder = try TemporaryFolder()
        let file = try folder.write(text, to: "settings.yaml")
        let settings = try Settings(flags: [:], environment: [:], file: file)
        #expect(try settings == Settings(flags: [:], environment: [:], file: nil))
    }

    @Test("refuse a file that is not there, a folder, and bytes that are no text")
    func unreadable() throws {
        let folder = try TemporaryFolder()
        try Data([0xFF, 0xFE, 0x80]).write(to: URL(fileURLWithPath: folder.file("bytes.yaml")))
        for file in [folder.file("none.yaml"), folder.path, folder.file("bytes.yaml")] {
            let failure = #expect(throws: Failure.self) { try Settings(flags: [:], environment: [:], file: file) }
            #expect(failure?.exitStatus == .configuration && failure?.description.contains(file) == true)
        }
    }

    @Test(
        "put the database into the state directory",
        arguments: [
            (["STATE_DIRECTORY": "/var/lib/a:/var/lib/b", "XDG_STATE_HOME": "/x"], "/var/lib/a/mirror.db"),
            (["XDG_STATE_HOME": "/x", "HOME": "/h"], "/x/invite-mirror/mirror.db"),
            (["XDG_STATE_HOME": "relative", "HOME": "/h"], "/h/.local/state/invite-mirror/mirror.db"),
            (["HOME": "/h"], "/h/.local/state/invite-mirror/mirror.db"),
        ])
    func stateDirectory(environment: [String: String], path: String) throws {
        #expect(try Settings(flags: [:], environment: environment, file: nil).databasePath == path)
    }

    @Test(
        "know where the secret may be sent",
        arguments: [
            ("https://api.anthropic.com", "https://api.anthropic.com"),
            (
                "https://proxy.example/anthropic/",
                "https://proxy.example/anthropic"
            ), ("https://a.example:8443", "https://a.example:8443"),
            ("http://localhost:8080", "http://localhost:8080"), ("http://127.0.0.1:1/", "http://127.0.0.1:1"),
            ("http://127.9.8.7", "http://127.9.8.7"), ("http://[::1]:80", "http://[::1]:80"),
            ("http://LOCALHOST", "http://LOCALHOST"), ("HTTPS://a.example", "HTTPS://a.example"),
            ("http://example.com", nil), ("http://127.0.0.1.example.com", nil), ("http://localhost.example.com", nil),
            ("http://128.0.0.1", nil), ("http://127.0.0", nil), ("http://127.0.0.256", nil), ("http://0.0.0.0", nil),
            ("ftp://localhost", nil), ("//localhost", nil), ("localhost", nil), ("", nil), ("https://", nil),
            ("https://user@a.example", nil), ("https://user:pass@a.example", nil), ("https://a.example?x=1", nil),
            ("https://a.example#x", nil), ("https://a.example:0", nil), ("https://a.example:65536", nil),
            ("http://127.0.0.1@example.com", nil), ("https://a b.example", nil), ("http://[::2]", nil),
            ("http://%6Cocalhost", nil),
        ])
    func baseURL(text: String, expected: String?) {
        #expect(BaseURL(text)?.description == expected)
    }
}

@Suite("The secret")
struct SecretTests {
    @Test(
        "is the key before the token, each from the environment before the credential",
        arguments: [
            (["ANTHROPIC_ADMIN_KEY", "ANTHROPIC_OAUTH_TOKEN", "admin-api-key", "oauth-token"], "ANTHROPIC_ADMIN_KEY"),
            (["ANTHROPIC_OAUTH_TOKEN", "admin-api-key", "oauth-token"], "admin-api-key"),
            (["ANTHROPIC_OAUTH_TOKEN", "oauth-token"], "ANTHROPIC_OAUTH_TOKEN"), (["oauth-token"], "oauth-token"),
        ])
    func precedence(given: [String], expected: String) throws {
        let folder = try TemporaryFolder()
        var environment = ["CREDENTIALS_DIRECTORY": folder.path]
        for name in given {
            if name.hasPrefix("A") {
                environment[name] = " \(name)\n"
            } else {
                _ = try folder.write("\t\(name) \n\n", to: name)
            }
        }
        let header = try Secret(environment: environment).header
        let isKey = expected.lowercased().contains("key")
        #expect(header.name == (isKey ? "x-api-key" : "authorization"))
        #expect(header.value == (isKey ? expected : "Bearer \(expected)"))
    }

    @Test("is missing where only white space is given")
    func missing() throws {
        let folder = try TemporaryFolder()
        _ = try folder.write(" \n", to: "admin-api-key")
        for environment in [[:], ["ANTHROPIC_ADMIN_KEY": " "], ["CREDENTIALS_DIRECTORY": folder.path]] {
            let failure = #expect(throws: Failure.self) { try Secret(environment: environment) }
            #expect(failure?.exitStatus == .configuration)
        }
    }

    @Test(
        "cannot have what no header carries, and is not quoted then",
        arguments: ["a b", "a\nb", "ä", "a\u{0}", "\u{7F}x"])
    func characters(value: String) {
        let failure = #expect(throws: Failure.self) { try Secret(environment: ["ANTHROPIC_ADMIN_KEY": value]) }
        #expect(failure?.exitStatus == .configuration && failure?.description.contains(value) == false)
    }

    @Test(
        "is found wherever it stands in an answer",
        arguments: [
            ("key-abab", "key-abab", true), ("key-abab", "key-abkey-ababab", true), ("key-abab", "{\"key-abab", true),
            ("aabaabaa", "aabaaabaabaa", true), ("key-abab", "key-aba", false), ("key-abab", "", false),
            ("key-abab", "key-abaB ey-abab key-abba", false), ("key-aba", "key-aba", false),
            ("key-abab", #"{"a":"x\u0020key-aba\u0062"}"#, true), ("key/a\"b\\", #"\u006bey\/a\"b\\"#, true),
            ("key-abab", #"key-aba\u0162"#, false), ("key-abab", #"key-aba\"#, false), ("key-abab", #"key-\u"#, false),
        ])
    func found(value: String, answer: String, isFound: Bool) throws {
        let secret = try Secret(.key, value, from: "the tests")
        #expect(secret.stands(in: Array(answer.utf8)) == isFound)
    }

    @Test("is never printed", arguments: [Secret.Kind.key, .token])
    func unprintable(kind: Secret.Kind) throws {
        let secret = try Secret(kind, testSecret, from: "the tests")
        var dumped = ""
        dump(secret, to: &dumped)
        dump([secret], to: &dumped)
        let logged = Logger.MetadataValue.stringConvertible(secret)
        let texts = [
            "\(secret)", String(describing: secret), String(reflecting: secret), secret.debugDescription, dumped,
            "\([secret])", "\(Optional(secret) as Any)", "\(logged)", "\(["a": secret])",
        ]
        for text in texts { #expect(!text.contains(testSecret)) }
    }
}
