import Foundation
import InviteMirror
import Testing

/// The sample of the settings says what they are, and changes nothing.
struct SampleTests {
    private static let path = "config/invite-mirror.yaml"
    private let environment = ["STATE_DIRECTORY": "/var/lib/invite-mirror"]

    @Test("the sample is valid as it is, and sets nothing but the defaults")
    func asItIs() throws {
        let settings = try Settings(
            flags: [:], environment: environment, file: "\(Repository.root)/\(Self.path)")
        #expect(settings == (try Settings(flags: [:], environment: environment, file: nil)))
    }

    @Test("with every key uncommented it is valid, and sets nothing but the defaults")
    func uncommented() async throws {
        // What is off unless it is set has an example in the sample, not a default; the path is the environment's.
        let hasDefault = { (setting: Setting) in setting.defaultText != nil || setting.key == "database.path" }
        let leaves = Set(Setting.all.filter(hasDefault).map { Self.leaf($0.key) })
        let lines = try Repository.text(Self.path).split(separator: "\n").map { line in
            let name = line.dropFirst(4).prefix { $0 != ":" }
            return line.hasPrefix("  # ") && leaves.contains(String(name)) ? "  \(line.dropFirst(4))" : String(line)
        }
        try await withFolder { folder in
            let path = "\(folder)/settings.yaml"
            try lines.joined(separator: "\n").write(toFile: path, atomically: true, encoding: .utf8)
            let settings = try Settings(flags: [:], environment: environment, file: path)
            #expect(settings == (try Settings(flags: [:], environment: environment, file: nil)))
        }
    }

    @Test(
        "every setting has a paragraph with its range, its environment and its default",
        arguments: Setting.all.map(\.key))
    func paragraph(key: String) throws {
        let setting = try #require(Setting.all.first { $0.key == key })
        // The sections are the top-level keys; a paragraph ends with the key itself, commented out.
        let section = "\n" + key.prefix { $0 != "." } + ":\n"
        let start = try #require(try Repository.text(Self.path).range(of: section)?.upperBound)
        let text = try Repository.text(Self.path)[start...]
        let paragraphs = text.split(separator: "\n\n", omittingEmptySubsequences: false).map { paragraph in
            paragraph.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
        }
        let line = "# \(Self.leaf(key)): " + (setting.defaultText ?? "")
        let own = try #require(
            paragraphs.first { $0.last.map { setting.defaultText == nil ? $0.hasPrefix(line) : $0 == line } ?? false })
        #expect(own.contains("# Range: \(setting.range)"))
        #expect(own.contains("# Environment: \(setting.environment)"))
        #expect(own.count >= 4, "it says what the setting is for")
    }

    private static func leaf(_ key: String) -> String {
        String(key.split(separator: ".").last ?? "")
    }
}
