import AdminAPISimulator
import ArgumentParser
import Foundation
import InviteCore
import InviteMirror
import UnixSignals

struct SimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate", abstract: "Serves a simulated organisation on a loopback port, for trials and tests.",
        discussion: """
            It behaves like the Admin API's four invite endpoints and accepts the secret of its own environment \
            (ANTHROPIC_ADMIN_KEY or ANTHROPIC_OAUTH_TOKEN), else sk-ant-admin01-simulated. The same seed gives the \
            same organisation on the same day: its clock starts at the day's first instant in UTC.
            """)

    @Option(help: "The port on 127.0.0.1; 0 takes any that is free.")
    var port = 8080

    @Option(help: "How many invites the organisation has at the start.")
    var invites = 2500

    @Option(help: "What the organisation is drawn from.")
    var seed: UInt64 = 1

    @Option(help: "Simulated seconds that pass in a real one; 0: only requests change anything.")
    var speed = 0.0

    private static let defaultSecret = "sk-ant-admin01-simulated"

    func validate() throws {
        guard (0...65535).contains(port) else { throw ValidationError("--port takes 0…65535") }
        guard (0...5_000_000).contains(invites) else { throw ValidationError("--invites takes 0…5000000") }
        guard speed.isFinite, (0...1e9).contains(speed) else { throw ValidationError("--speed takes 0…1000000000") }
    }

    func run() async throws {
        let environment = SettingsOptions.environment
        let own = [environment["ANTHROPIC_ADMIN_KEY"], environment["ANTHROPIC_OAUTH_TOKEN"]]
            .compactMap { $0?.trimmed }.first { !$0.isEmpty }
        let day = Timestamp(typed: String(MirrorClock.system.now().description.prefix(10)))!
        let organization = SimulatedOrganization(seed: seed, invites: invites, now: day)
        let api = SimulatedAPI(organization: organization, secret: own ?? Self.defaultSecret)
        let server = SimulatedServer(api, clock: .running(speed: speed))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                do {
                    try await server.run(port: port) { port in announce(port, isOwnSecret: own != nil) }
                } catch let error where !(error is CancellationError) {
                    throw Failure(
                        .unavailable,
                        "port \(port) of 127.0.0.1 cannot be had: it is taken, or not allowed; try --port 0"
                    )
                }
            }
            group.addTask {
                for await _ in await UnixSignalsSequence(trapping: .sigint, .sigterm) { break }
            }
            try await group.next()
            group.cancelAll()
        }
    }

    private func announce(_ port: Int, isOwnSecret: Bool) {
        let secret =
            isOwnSecret
            ? "# ANTHROPIC_ADMIN_KEY: as in this environment" : "export ANTHROPIC_ADMIN_KEY=\(Self.defaultSecret)"
        Output.print(
            """
            # A simulated organisation with \(invites) invites (seed \(seed)) answers; point a mirror at it:
            export ANTHROPIC_BASE_URL=http://127.0.0.1:\(port)
            \(secret)
            invite-mirror sync --database-path simulated.db
            """)
    }
}
