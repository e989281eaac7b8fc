import Foundation
import InviteMirror
import Testing

/// What the README says is so.
@Suite(.timeLimit(.minutes(1)))
struct ReadmeTests {
    private let readme: String

    init() throws {
        readme = try Repository.text("README.md")
    }

    @Test("every query runs in SQLite's own shell, and finds something in a mirror with a past")
    func queries() async throws {
        let queries = Repository.blocks(of: "sql", in: readme)
        #expect(queries.count >= 7)
        try await withFolder { folder in
            try await TrialMirror.with(in: folder) { mirror in
                for (index, query) in queries.enumerated() {
                    try query.write(toFile: "\(folder)/query-\(index).sql", atomically: true, encoding: .utf8)
                    let run = try await Finished.shell(
                        "sqlite3 -readonly -bail \"$INVITE_MIRROR_DATABASE_PATH\" < query-\(index).sql", in: folder,
                        environment: mirror.environment)
                    #expect(run.status == 0, "\(query)\n\(run.output)")
                    #expect(!run.output.isEmpty, "it finds nothing:\n\(query)")
                }
            }
        }
    }

    @Test("every command line that starts with the program or with sqlite3 runs")
    func commandLines() async throws {
        let lines = Repository.blocks(of: "sh", in: readme)
            .flatMap { $0.replacing("\\\n", with: " ").split(separator: "\n").map(String.init) }
            .filter { $0.hasPrefix("invite-mirror ") || $0.hasPrefix("sqlite3 ") }
        #expect(lines.count >= 10)
        try await withFolder { folder in
            try await TrialMirror.with(in: folder) { mirror in
                for line in lines {
                    // What serves until it is told to stop is told so, and ends with 0.
                    let endless = line.hasPrefix("invite-mirror run") || line.hasPrefix("invite-mirror simulate")
                    let run = try await Finished.shell(
                        (endless ? "timeout --preserve-status 2 " : "") + line, in: folder,
                        environment: mirror.environment)
                    #expect(run.status == 0, "\(line)\n\(run.output)")
                }
            }
        }
    }

    @Test("every command of --help stands in its table of commands")
    func commands() async throws {
        let names = try await subcommands(of: "invite-mirror")
        #expect(names.count >= 9)
        for name in names { #expect(readme.contains("\n| `\(name)` |"), "\(name)") }
        for name in try await subcommands(of: "invite-mirror api") { #expect(readme.contains("`\(name)`"), "\(name)") }
    }

    /// The names below SUBCOMMANDS.
    private func subcommands(of command: String) async throws -> [String] {
        let help = try await withFolder { try await Finished.shell("\(command) --help", in: $0) }
        #expect(help.status == 0)
        let list = help.output.split(separator: "SUBCOMMANDS:\n").last?.split(separator: "\n\n").first ?? ""
        return list.split(separator: "\n").filter { $0.hasPrefix("  ") && !$0.hasPrefix("   ") }
            .compactMap { $0.split(separator: " ").first.map(String.init) }
    }

    @Test("every setting stands in its table, with environment, default and range", arguments: Setting.all.map(\.key))
    func settings(key: String) throws {
        let setting = try #require(Setting.all.first { $0.key == key })
        let row = try #require(readme.split(separator: "\n").first { $0.hasPrefix("| `\(key)` |") })
        let cells = row.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
        #expect(cells[1] == "`\(setting.environment)`")
        if let text = setting.defaultText { #expect(cells[2] == "`\(text)`") }
        #expect(cells[3] == setting.range)
    }

    @Test("every exit code stands in its table")
    func exitCodes() {
        let codes = (0...255).filter { ExitStatus(rawValue: $0) != nil }
        #expect(codes.count >= 10)
        for code in codes { #expect(readme.contains("\n| \(code) |"), "\(code)") }
    }
}
