import ArgumentParser
import Foundation
import InviteMirror

/// The program: a command for each thing that it does.
@main
struct InviteMirrorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "invite-mirror",
        abstract: "Keeps a local SQLite mirror of an organisation's invites, and a log of what changed.",
        discussion: "Try `invite-mirror demo`: it needs no credentials.",
        version: ProgramVersion.current,
        subcommands: [
            SyncCommand.self, RunCommand.self, StatusCommand.self, EventsCommand.self, InvitesCommand.self,
            VerifyCommand.self, BackupCommand.self, ReportCommand.self, DiffCommand.self, LogKeyCommand.self,
            ExportLogCommand.self,
            ProveCommand.self, SimulateCommand.self, DemoCommand.self, APICommand.self,
        ])

    /// Without a command there is nothing to do, which a script should learn.
    func run() async throws {
        Output.complain(Self.helpMessage())
        throw ExitCode(ExitStatus.usage.rawValue)
    }

    /// On the main thread: any other place to begin is Swift's own executor. That one is left to commands that end: it
    /// overlaps the steps of a pass a little better.
    @MainActor
    static func main() async {
        let isService = CommandLine.arguments.dropFirst().first == RunCommand.configuration.commandName
        await withTaskExecutorPreference(isService ? ThreadPoolExecutor.shared : nil) { await start() }
    }

    private nonisolated static func start() async {
        // A reader that goes away (`| head`) is no reason to die by a signal: the write fails and is dropped.
        signal(SIGPIPE, SIG_IGN)
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch let failure as Failure {
            // What ends the service stands in the journal with the priority that it deserves.
            let isJournal = JournalStream.isStandardError(SettingsOptions.environment)
            Output.complain("\(isJournal ? JournalStream.prefix(.critical) : "")invite-mirror: \(failure)")
            Foundation.exit(failure.exitStatus.rawValue)
        } catch {
            let code = exitCode(for: error)
            let isOwn = error is CleanExit || error is ExitCode || code == .validationFailure
            if !isOwn && code != .success {
                Output.complain("invite-mirror: an error that should not happen: \(error)")
                Foundation.exit(ExitStatus.internalError.rawValue)
            }
            exit(withError: error)
        }
    }
}
