import InviteMirror
import Testing

extension HostileTests {
    @Suite("A redirect to another host")
    struct Redirects {
        @Test(
            "is not followed: nobody connects there, and the secret stays here", arguments: [301, 302, 303, 307, 308],
            ["http://HOST/", "//HOST/v1/organizations/invites", "http://user:pass@HOST/?a=b", "http://HOST/ ", "HOST"])
        func redirect(status: Int, location: String) async throws {
            let mirror = try HostileMirror()
            let other = try RawServer(host: "127.0.0.2")
            other.play([.ok(Sample.page())])
            let place = location.replacing("HOST", with: "\(other.host):\(other.port)")
            let more = ["location: \(place)", "refresh: 0; url=\(place)", "link: <\(place)>; rel=next"]
            let result = try await mirror.pass([.status("\(status) Elsewhere", Sample.page(), more: more)])
            #expect(result.failure?.exitStatus == .unavailable && result.record.outcome == .incomplete)
            // Connections are accepted in their order: one that the pass had made would stand before this.
            try other.knock("it is only me\r\n\r\n")
            #expect(other.requests == ["it is only me\r\n\r\n"])
            #expect(mirror.server.requests.count == 1)
            let request = try #require(mirror.server.requests.first)
            #expect(request.contains("\r\nx-api-key: \(HostileMirror.secret)\r\n"))
            #expect(request.split(separator: HostileMirror.secret).count == 2)
            #expect(try mirror.contents().isEmpty && !mirror.holds(HostileMirror.secret))
            HostileFigures.answers.withLock { $0 += 1 }
        }
    }
}
