import ArgumentParser
import Foundation
import InviteCore
import InviteMirror

struct LogKeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log-key", abstract: "Prints the public key that the log is signed with.",
        discussion: """
            In the form of C2SP signed notes, name+hash+key, one line for each key that ever signed, the newest last. \
            Keep it where who can write to the database cannot.

            The private half is the credential log-signing-key, or the file beside the database with .key at its end. \
            A log whose key is lost does not go on by itself (exit 78). With --renew it goes on with another one: the \
            one that lies there now, or a new one. What was signed before stays valid and checkable; whoever checks \
            the log must be told the new key by you, since somebody who forges a log could renew its key as well.
            """)

    @OptionGroup var options: SettingsOptions

    @Flag(help: "Have the log go on with another key; no service may run.")
    var renew = false

    func run() async throws {
        if renew { try renewKey() }
        let keys = try LogExport(options.openReader()).keys()
        guard !keys.isEmpty else {
            throw Failure(.database, "nothing is signed yet: the next complete pass signs the first checkpoint")
        }
        keys.forEach(Output.print)
    }

    private func renewKey() throws {
        // The reader says so if there is no mirror; the writer would make one.
        let path = try options.openReader().path
        let store = try MirrorStore(path: path, environment: SettingsOptions.environment, renewsKey: true)
        try store.close()
        Output.complain("the log goes on with the last of these keys: tell it to whoever checks the log")
    }
}

struct ExportLogCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export-log", abstract: "Writes the log for other people's tools: C2SP tlog-tiles.",
        discussion: """
            Tiles, entries and the newest checkpoint. The entries hold what the events hold, addresses included. A \
            folder that holds an older state of the same log is brought up to date; one of another log is refused.
            """)

    @OptionGroup var options: SettingsOptions

    @Argument(help: "The folder; it is made if need be.")
    var directory: String

    func run() async throws {
        let size = try LogExport(options.openReader()).export(to: directory)
        Output.print("\(size.grouped) events in \(directory), with the checkpoint that covers them")
    }
}

struct ProveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prove", abstract: "Writes a proof that one event is in the log, to be checked without it.",
        discussion: """
            A C2SP tlog-proof: the event's entry (in the line `extra`), its place, the hashes that lead to the root, \
            and the signed checkpoint.
            """)

    @OptionGroup var options: SettingsOptions

    @Argument(help: "The event's seq.")
    var seq: Int

    @Option(help: "The file to write; standard output otherwise.")
    var output: String?

    func run() async throws {
        let proof = try LogExport(options.openReader()).proof(of: seq)
        guard let output else { return Output.write(proof, to: STDOUT_FILENO) }
        try ReplacedFile.write(Array(proof.utf8), to: output)
    }
}

struct DiffCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff", abstract: "Prints which invites differ between two instants, and in what.",
        discussion: "An invite that changed and changed back in between is not shown; `events` shows all of it.")

    @OptionGroup var options: SettingsOptions

    @Option(help: "The mirror as of \(TypedInstant.help) …")
    var from: TypedInstant

    @Option(help: "… and as of this one.")
    var to: TypedInstant

    @Option(help: "text or json.")
    var format = OutputFormat.text

    func validate() throws {
        guard from.instant <= to.instant else { throw ValidationError("--from lies after --to") }
    }

    func run() async throws {
        let query = MirrorQuery.difference(from: from.instant, to: to.instant)
        let columns = ["invite_id", "email", "role", "status", "listed"]
        try RowPrinter(reader: options.openReader(), format: format).print(query, columns: columns) { row in
            columns.map { name in
                if name == "invite_id" { return row[name] ?? "" }
                let (before, after) = (row[name + "_from"], row[name + "_to"])
                return before == after ? after ?? "" : "\(before ?? "—") → \(after ?? "—")"
            }
        }
    }
}
