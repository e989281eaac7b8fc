import ArgumentParser
import Foundation
import InviteCore
import InviteMirror

extension ReportWriter.Format: ExpressibleByArgument {}

struct ReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "The audit report of a period: what happened, and what it rests on.",
        discussion: """
            Exits 1 when the period is INCOMPLETE, having written the report. The same database, settings and \
            arguments give the same bytes. HTML is one file without script, to be read or printed on A4; CSV and \
            JSON have all changes, HTML and Markdown the first 2,000.
            """)

    @OptionGroup var options: SettingsOptions

    @Option(help: "The start of the period: \(TypedInstant.help).")
    var from: TypedInstant

    @Option(help: "Its end, which is not part of it.")
    var to: TypedInstant

    @Option(help: "html, json, csv or markdown.")
    var format = ReportWriter.Format.html

    @Option(help: "The file to write; standard output otherwise.")
    var output: String?

    @Flag(inversion: .prefixedNo, help: "Verify the whole log first, and say in the report what came of it.")
    var verify = true

    func validate() throws {
        guard from.instant < to.instant else { throw ValidationError("--from must lie before --to") }
    }

    func run() async throws {
        let settings = try options.read()
        let reader = try MirrorReader(path: settings.databasePath)
        let request = AuditReport.Request(
            from: from.instant, to: to.instant, settings: settings, verifies: verify)
        let sink = try ReportSink(path: output)
        let report = try ReportWriter.write(request, as: format, reader: reader) { try sink.write($0) }
        try sink.finish()
        if report.isVerified == false { Output.complain("invite-mirror: the log is NOT verified; see the report") }
        guard report.isComplete else {
            Output.complain("invite-mirror: INCOMPLETE: \(report.gaps.count) gaps in the period; the report is written")
            throw ExitCode(1)
        }
    }
}

/// Where a report goes: a file that appears when it is whole, or standard output.
private final class ReportSink {
    private let path: String?
    private var file: FileHandle?
    private var waiting: [UInt8] = []

    private static let piece = 1 << 16

    init(path: String?) throws {
        self.path = path
        guard let path else { return }
        guard FileManager.default.createFile(atPath: path + ".part", contents: nil),
            let file = FileHandle(forWritingAtPath: path + ".part")
        else { throw Failure(.database, "\(path) cannot be written: check the folder and its owner") }
        self.file = file
    }

    func write(_ text: String) throws {
        guard file != nil else { return Output.write(text, to: STDOUT_FILENO) }
        waiting += text.utf8
        if waiting.count >= Self.piece { try flush() }
    }

    private func flush() throws {
        do {
            try file?.write(contentsOf: waiting)
        } catch {
            throw Failure(.database, "\(path ?? "") cannot be written: \(error.localizedDescription)")
        }
        waiting.removeAll(keepingCapacity: true)
    }

    func finish() throws {
        guard let file, let path else { return }
        try flush()
        try file.close()
        guard rename(path + ".part", path) == 0 else {
            throw Failure(.database, "\(path) cannot be written: \(String(cString: strerror(errno)))")
        }
    }
}
