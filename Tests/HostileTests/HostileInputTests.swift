import Foundation
import InviteMirror
import Testing

extension HostileTests {
    @Suite("A hostile answer")
    struct Inputs {
        static let select =
            "SELECT id, email, role, status, invited_at, expires_at, document FROM invite ORDER BY rowid"
        private static let lastPass =
            "SELECT outcome, requests, error, irregularities FROM sync_pass ORDER BY id DESC LIMIT 1"

        @Test(
            "has its exit status and its exact effect",
            arguments: HostileBytes.all + HostileShapes.all + HostileFields.all + HostileIDs.all + HostileTransport.all)
        func table(input: HostileInput) async throws {
            switch input.effect {
            case .nothing(let pause): try await Self.changesNothing(input, pause: pause)
            case .mirrored(let rows, let irregularities):
                try await Self.isMirrored(input, rows: rows, irregularities: irregularities)
            }
            HostileFigures.answers.withLock { $0 += 1 }
        }

        /// Over a mirror that holds something, which stays, and which the next honest answer finds in order.
        private static func changesNothing(_ input: HostileInput, pause: String?) async throws {
            let mirror = try HostileMirror()
            let honest = Answer.ok(Sample.page([Sample.invite(["id": #""honest""#])]))
            #expect(try await mirror.pass([honest]).failure == nil)
            let before = try mirror.contents()
            let result = try await mirror.pass(input.answers, timeout: input.timeout)
            let sentence = result.failure?.description ?? "no failure"
            #expect(result.failure?.exitStatus.rawValue == input.exitStatus, "\(sentence)")
            #expect(result.record.counts.requests == input.requests, "\(sentence)")
            #expect(mirror.server.requests.count == input.requests)
            #expect(try mirror.contents() == before)
            let outcome = input.exitStatus == ExitStatus.refused.rawValue ? "refused" : "incomplete"
            let irregularities = result.record.counts.irregularities
            #expect(try mirror.rows(lastPass) == ["\(outcome)|\(input.requests)|\(sentence)|\(irregularities)"])
            #expect(try mirror.rows("SELECT count(*) FROM sync_pass") == ["2"])
            #expect(try mirror.rows("SELECT substr(until, 1, 10) FROM api_pause") == [pause].compactMap(\.self))
            try checkDiscretion(mirror, sentence)
            guard pause == nil else { return }
            #expect(try await mirror.pass([honest]).failure == nil)
            #expect(try mirror.contents() == before)
            #expect(try mirror.promisesHold)
        }

        /// Into an empty mirror; seen again it changes nothing.
        private static func isMirrored(_ input: HostileInput, rows: [String], irregularities: Int) async throws {
            let mirror = try HostileMirror()
            let result = try await mirror.pass(input.answers, timeout: input.timeout)
            let sentence = result.failure?.description ?? ""
            #expect(result.failure == nil && input.exitStatus == 0, "\(sentence)")
            #expect(try mirror.rows(lastPass) == ["complete|\(input.requests)|∅|\(irregularities)"], "\(sentence)")
            #expect(try mirror.rows(select) == rows)
            #expect(try mirror.rows("SELECT count(*) FROM invite_event WHERE kind = 'appeared'") == ["\(rows.count)"])
            let before = try mirror.contents()
            let again = try await mirror.pass(input.answers, timeout: input.timeout)
            #expect(again.failure == nil && again.record.counts.changed == 0)
            #expect(try mirror.contents() == before)
            #expect(try mirror.promisesHold)
            try checkDiscretion(mirror, sentence)
        }

        /// A sentence for a person: short, in one line, and without the secret, which is nowhere in the files either.
        static func checkDiscretion(_ mirror: HostileMirror, _ sentence: String) throws {
            #expect(!sentence.contains(HostileMirror.secret) && sentence.utf8.count < 4096)
            #expect(!sentence.utf8.contains { $0 < 0x20 || $0 == 0x7F })
            #expect(try !mirror.holds(HostileMirror.secret))
        }
    }
}
