import Foundation
import Testing

/// How the sources look.
struct SourceTests {
    private static let longest = 120

    @Test("no line of Swift or SQL is longer than 120 characters")
    func lineLength() throws {
        let sources = try ["Sources", "Tests"].flatMap { folder in
            try [".swift", ".sql"].flatMap { try Repository.files(below: folder, ending: $0) }
        }
        #expect(sources.count > 50)
        for path in sources + ["Package.swift"] {
            let lines = try Repository.text(path).split(separator: "\n", omittingEmptySubsequences: false)
            for (index, line) in lines.enumerated() where line.count > Self.longest {
                Issue.record("\(path):\(index + 1) has \(line.count) characters")
            }
        }
    }

    @Test("every file of SQL starts with a comment")
    func sqlComments() throws {
        let files = try ["Sources", "Tests"].flatMap { try Repository.files(below: $0, ending: ".sql") }
        #expect(!files.isEmpty)
        for path in files { #expect(try Repository.text(path).hasPrefix("-- "), "\(path)") }
    }

    @Test("packages come from github.com, and no other host is named")
    func packageHosts() throws {
        let package = try Repository.text("Package.swift")
        let hosts = package.matches(of: /:\/\/([^\/"]+)/).map { String($0.1) }
        #expect(!hosts.isEmpty)
        #expect(Set(hosts) == ["github.com"])
    }

    @Test("what users read is finished")
    func finished() throws {
        let files = try ["config", "systemd"].flatMap { try Repository.files(below: $0) } + ["README.md"]
        for path in files { #expect(!(try Repository.text(path).contains("TODO")), "\(path)") }
    }
}
