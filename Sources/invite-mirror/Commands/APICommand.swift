import ArgumentParser
import Foundation
import InviteCore
import InviteMirror

struct APICommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "api", abstract: "The four invite endpoints by hand; none of them touches the mirror.",
        subcommands: [
            APIListCommand.self, APIGetCommand.self, APICreateCommand.self, APIDeleteCommand.self,
        ])

    func run() async throws {
        Output.complain(Self.helpMessage())
        throw ExitCode(ExitStatus.usage.rawValue)
    }
}

/// One call by hand, with the client of the mirror: its budget, its retries, its errors.
private struct HandCall {
    let settings: Settings
    let format: OutputFormat

    init(_ options: SettingsOptions, _ format: OutputFormat) throws {
        settings = try options.read()
        self.format = format
    }

    /// The body of the answer.
    ///
    /// - Throws: a ``Failure`` for every answer but 200.
    func body(
        of what: String, _ call: @Sendable (AdminAPI, AdminAPI.Call) async throws -> AdminAPI.Answer
    ) async throws -> [UInt8] {
        let clock = MirrorClock.system
        let display = SyncDisplay(isInteractive: Output.isInteractive)
        defer { display.end() }
        let secret = try Secret(environment: SettingsOptions.environment)
        do {
            let answer = try await HTTPTransport.with(
                settings: settings, secret: secret, environment: SettingsOptions.environment
            ) { transport in
                let budget = RequestBudget(perMinute: settings.requestsPerMinute, now: clock.uptime())
                let api = AdminAPI(transport: transport, budget: budget, clock: clock)
                return try await call(
                    api,
                    AdminAPI.Call(deadline: clock.uptime() + SyncPass.timeLimit) { event in
                        if case .waiting(let duration, let reason) = event { display.show(.waiting(duration, reason)) }
                    })
            }
            guard answer.response.status == 200 else {
                throw Failure(.data, "\(what): \(APIErrorBody.sentence(answer.response))")
            }
            return answer.response.body
        } catch let failure as APIFailure {
            throw Failure(failure.exitStatus, "\(what): \(failure.sentence)")
        }
    }

    func show(invites: [SeenInvite], json: String) {
        guard format == .text else { return Output.print(json) }
        var table = TextTable(["id", "email", "role", "status", "invited_at", "expires_at"])
        for invite in invites {
            let columns = InviteColumns(of: invite.document)
            table.add([
                invite.id, columns.email ?? "", columns.role ?? "", columns.status ?? "", columns.invitedAt ?? "",
                columns.expiresAt ?? "",
            ])
        }
        table.lines.forEach(Output.print)
    }

    func invite(_ body: [UInt8], of what: String) throws {
        do {
            let invite = try SeenInvite(decoding: body)
            show(invites: [invite], json: invite.document.text)
        } catch {
            throw Failure(.data, "\(what): the answer cannot be read: \(error)")
        }
    }
}

/// What the API says in an error's envelope.
private enum APIErrorBody {
    static func sentence(_ response: APIResponse) -> String {
        let request = response.requestID.map { " (request \($0.quoted))" } ?? ""
        let answer = try? JSONScanner.scan(response.body) { try $0.text() }
        func value(_ name: ExactText, in text: String) -> JSONText? {
            InviteDocument(canonical: text).members.first { $0.name == name }?.value
        }
        let error = answer.flatMap { value("error", in: $0) }
        let text = error.map { value("message", in: $0.text)?.column ?? "" }
        return "the API answered \(response.status)\(request)" + (text.map { ": \($0.visible)" } ?? "")
    }
}

/// An id that the path of a request can carry: one of dots alone, or none, would name another resource.
private func checkID(_ id: String) throws {
    guard !id.isEmpty, !id.allSatisfy({ $0 == "." }) else { throw ValidationError("\"\(id)\" is no invite's id") }
}

struct APIListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "One page of List Invites, or all.")

    @OptionGroup var options: SettingsOptions

    @Option(help: "Invites on the page, 1…1000; the API's default is 20.")
    var limit: Int?

    @Option(help: "The page after the invite with this id.")
    var afterID: String?

    @Option(help: "The page before the invite with this id.")
    var beforeID: String?

    @Flag(help: "Every page from here on, one after the other.")
    var all = false

    @Option(help: "text, or json: the API's objects in an array.")
    var format = OutputFormat.text

    func validate() throws {
        if afterID != nil && beforeID != nil { throw ValidationError("--after-id and --before-id exclude each other") }
        if all && beforeID != nil { throw ValidationError("--all goes on after a page, not before one") }
        if let limit, !(1...1000).contains(limit) { throw ValidationError("--limit takes 1…1000") }
    }

    func run() async throws {
        let call = try HandCall(options, format)
        var cursor = afterID
        var invites: [SeenInvite] = []
        var hasMore = true
        while hasMore {
            let after = cursor
            let body = try await call.body(of: "list") { api, call in
                try await api.list(limit: limit ?? (all ? 1000 : nil), afterID: after, beforeID: beforeID, call)
            }
            let page: InvitePage
            do { page = try InvitePage(decoding: body) } catch {
                throw Failure(.data, "list: the page cannot be read: \(error)")
            }
            invites += page.invites
            hasMore = page.hasMore && all
            if hasMore {
                guard let last = page.invites.last?.id, !cursor.isIdentical(to: last) else {
                    throw Failure(.data, "list: a page said that there is more, and gave no way to it")
                }
                cursor = last
            } else if page.hasMore, let last = page.invites.last?.id {
                Output.complain("there is more: --after-id \(last.visible)")
            }
        }
        call.show(invites: invites, json: "[" + invites.map(\.document.text).joined(separator: ",\n") + "]")
    }
}

struct APIGetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "get", abstract: "Get Invite.")

    @OptionGroup var options: SettingsOptions
    @Argument(help: "The invite's id.") var id: String
    @Option(help: "text, or json: the API's object.") var format = OutputFormat.text

    func validate() throws { try checkID(id) }

    func run() async throws {
        let call = try HandCall(options, format)
        try call.invite(try await call.body(of: "get \(id)") { try await $0.get(id, $1) }, of: "get \(id)")
    }
}

struct APICreateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Create Invite: the API sends an email to the address.")

    @OptionGroup var options: SettingsOptions
    @Option(help: "Whom to invite.") var email: String
    @Option(help: "user, developer, billing or claude_code_user; the API refuses admin.") var role: String
    @Option(help: "text, or json: the API's object.") var format = OutputFormat.text

    func run() async throws {
        let call = try HandCall(options, format)
        let body = try await call.body(of: "create") { try await $0.create(email: email, role: role, $1) }
        try call.invite(body, of: "create")
    }
}

struct APIDeleteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Delete Invite: takes a pending invite back. It cannot be undone.")

    @OptionGroup var options: SettingsOptions
    @Argument(help: "The invite's id.") var id: String
    @Flag(help: "Do not ask.") var yes = false
    @Option(help: "text, or json: the API's object.") var format = OutputFormat.text

    func validate() throws { try checkID(id) }

    func run() async throws {
        let call = try HandCall(options, format)
        if !yes {
            guard isatty(STDIN_FILENO) == 1 else {
                throw Failure(.usage, "delete asks before it deletes, and nobody is there to answer: add --yes")
            }
            Output.write("Delete the invite \(id.visible)? It cannot be undone. [y/N] ", to: STDERR_FILENO)
            guard ["y", "yes"].contains((readLine() ?? "").trimmed.lowercased()) else {
                Output.complain("not deleted")
                throw ExitCode(1)
            }
        }
        let body = try await call.body(of: "delete \(id)") { try await $0.delete(id, $1) }
        switch format {
        case .json: Output.print(String(decoding: body, as: UTF8.self))
        case .text: Output.print("deleted \(id.visible)")
        }
    }
}
