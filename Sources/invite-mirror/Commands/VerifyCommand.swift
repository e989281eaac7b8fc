import ArgumentParser
import Foundation
import InviteCore
import InviteMirror

struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Checks the database and its log, and says what it checked.",
        discussion: """
            Exits 0 if every check passed, 1 if one did not. It only reads, and works on a copy. All events are \
            checked whatever --from and --to say; these say what period you want to know about. A history that was \
            exchanged as a whole, by somebody who holds the signing key, shows only against a checkpoint that you \
            kept: --checkpoint.
            """)

    @OptionGroup var options: SettingsOptions

    @Option(help: "A file with a checkpoint that you kept; may be given several times.")
    var checkpoint: [String] = []

    @Option(help: "A public key that you trust, as log-key prints it; may be given several times.")
    var key: [String] = []

    @Option(help: "The start of the period asked for: \(TypedInstant.help).")
    var from: TypedInstant?

    @Option(help: "Its end, which is not part of it.")
    var to: TypedInstant?

    @Option(help: "text or json.")
    var format = OutputFormat.text

    func run() async throws {
        var pins = Verification.Pins()
        pins.from = from?.instant
        pins.to = to?.instant
        pins.keys = try key.map { text in
            guard let key = LogVerifierKey(text) else {
                throw ValidationError("--key takes a key as log-key prints it: name+hash+key")
            }
            return key
        }
        pins.notes = try checkpoint.map { path in
            guard let data = FileManager.default.contents(atPath: path) else {
                throw ValidationError("--checkpoint \(path) cannot be read")
            }
            return String(decoding: data, as: UTF8.self)
        }
        let verification = try Verification(options.openReader(), pins: pins)
        switch format {
        case .json: Output.print(Self.json(verification))
        case .text:
            for check in verification.checks {
                let name = check.name.padding(toLength: 10, withPad: " ", startingAt: 0)
                let code = check.code.map { "[\($0.rawValue)] " } ?? ""
                Output.print("\(check.passed ? "ok    " : "FAILED") \(name) \(code)\(check.detail.visible)")
            }
            Output.print(verification.passed ? "verified" : "NOT verified")
        }
        if !verification.passed { throw ExitCode(1) }
    }

    private static func json(_ verification: Verification) -> String {
        let objects = verification.checks.map { check in
            """
            {"check":\(JSONText(string: check.name).text),"passed":\(check.passed),\
            "code":\(check.code.map { JSONText(string: $0.rawValue).text } ?? "null"),\
            "detail":\(JSONText(string: check.detail).text)}
            """
        }
        return "[" + objects.joined(separator: ",\n") + "]"
    }
}
