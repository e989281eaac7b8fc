import ArgumentParser
import InviteMirror

struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Copies the mirror into one file, also while the service runs.",
        discussion: """
            The copy is made under a temporary name, checked, synced to the disk and then given its name, so that FILE \
            is always a whole backup. An earlier backup of that name is replaced. Its mode is 0600.
            """)

    @OptionGroup var options: SettingsOptions

    @Option(help: ArgumentHelp("Where the copy goes.", valueName: "file"))
    var to: String

    func run() async throws {
        let result = try Backup(of: options.openReader(), to: to).make()
        Output.print(
            """
            \(to): \(result.invites.grouped) invites, \(result.events.grouped) events, \(result.bytes.grouped) bytes, \
            integrity checked
            """)
    }
}
