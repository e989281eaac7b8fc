import AdminAPISimulator
import AsyncHTTPClient
import Foundation
import InviteCore
import NIOCore
import NIOHTTP1
import Testing

/// Over real HTTP on the loopback interface.
@Suite("The server")
struct ServerTests {
    private typealias Answer = (status: Int, headers: HTTPHeaders, body: [UInt8])

    private static func ask(
        _ url: String, method: HTTPMethod = .GET, body: String? = nil, within limit: Duration = .seconds(60)
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: url)
        request.method = method
        request.headers = ["authorization": "Bearer " + testSecret, "anthropic-version": "2023-06-01"]
        if let body { request.body = .bytes(ByteBuffer(string: body)) }
        let sent = request
        // The client's own deadline covers the head alone, so the whole answer races against a clock.
        return try await withThrowingTaskGroup(of: Answer.self) { group in
            group.addTask {
                let response = try await client.execute(sent, timeout: .seconds(60))
                let bytes = try await response.body.collect(upTo: 1 << 20)
                return (Int(response.status.code), response.headers, Array(bytes.readableBytesView))
            }
            group.addTask {
                try await Task.sleep(for: limit)
                throw TooLate()
            }
            defer { group.cancelAll() }
            guard let first = try await group.next() else { throw TooLate() }
            return first
        }
    }

    private struct TooLate: Error {}

    /// Follows no redirect and never tries again.
    private static let client: HTTPClient = {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.connectionPool.retryConnectionEstablishment = false
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()

    private static func url(_ server: RunningServer, _ rest: String = "") -> String {
        server.baseURL + SimulatedAPI.invitesPath + rest
    }

    @Test("answers what the API answers, byte for byte")
    func whole() async throws {
        var api = SimulatedAPI.still(invites: 30)
        try await withServer(api) { server in
            let answer = try await Self.ask(Self.url(server, "?limit=7"))
            let expected = api.ask(query: [("limit", "7")])
            #expect(answer.status == 200 && answer.body == expected.body)
            for (name, value) in expected.headers { #expect(answer.headers.first(name: name) == value) }
            #expect(answer.headers.first(name: "content-length") == "\(expected.body.count)")
        }
    }

    @Test("creates, gets and deletes, below a base path too")
    func writing() async throws {
        try await withServer(.still(invites: 0)) { server in
            let base = server.baseURL + "/some/proxy" + SimulatedAPI.invitesPath
            let body = #"{"email":"a@example.com","role":"user"}"#
            #expect(try await Self.ask(base, method: .POST, body: body).status == 200)
            let id = try #require(await server.withAPI { $0.organization.newestFirst.first?.id })
            let escaped = id.replacingOccurrences(of: "_", with: "%5F")
            #expect(try await Self.ask("\(base)/\(escaped)").status == 200)
            #expect(try await Self.ask("\(base)/\(id)", method: .DELETE).status == 200)
            #expect(try await Self.ask("\(base)/\(id)", method: .DELETE).status == 400)
            #expect(try await Self.ask("\(base)/\(id)", method: .PUT).status == 405)
            let counts = await server.requestCounts
            #expect(counts["/some/proxy" + SimulatedAPI.invitesPath] == 1)
            #expect(counts.values.reduce(0, +) == 5)
        }
    }

    @Test("answers errors and redirects as they are")
    func errors() async throws {
        try await withServer(.still(invites: 0)) { server in
            await server.withAPI {
                $0.faults.enqueue(
                    .status(529, retryAfter: .seconds(3)), .redirect(307, location: "http://127.0.0.1:1/"))
            }
            let overloaded = try await Self.ask(Self.url(server))
            #expect(overloaded.status == 529 && overloaded.headers.first(name: "retry-after") == "3")
            let redirected = try await Self.ask(Self.url(server))
            #expect(redirected.status == 307)
            #expect(redirected.headers.first(name: "location") == "http://127.0.0.1:1/")
        }
    }

    @Test(
        "breaks the connection before the first byte or amid the body, and goes on",
        arguments: [SimulatedAnswer.Delivery.reset, .truncated(bytes: 0), .truncated(bytes: 100)])
    func broken(delivery: SimulatedAnswer.Delivery) async throws {
        try await withServer(.still(invites: 5)) { server in
            await server.withAPI { $0.faults.enqueue(.delivery(delivery)) }
            await #expect(throws: (any Error).self) { try await Self.ask(Self.url(server)) }
            let next = try await Self.ask(Self.url(server))
            #expect(next.status == 200)
            #expect(await server.requestCounts[SimulatedAPI.invitesPath] == 2)
        }
    }

    @Test("sends the head and some of the body before it breaks off")
    func truncated() async throws {
        try await withServer(.still(invites: 5)) { server in
            await server.withAPI { $0.faults.enqueue(.delivery(.truncated(bytes: 100))) }
            var request = HTTPClientRequest(url: Self.url(server))
            request.headers = ["x-api-key": testSecret, "anthropic-version": "2023-06-01"]
            let response = try await Self.client.execute(request, timeout: .seconds(10))
            #expect(response.status == .ok)
            let announced = try #require(response.headers.first(name: "content-length").flatMap { Int($0) })
            var received = 0
            await #expect(throws: (any Error).self) {
                for try await part in response.body { received += part.readableBytes }
            }
            #expect(announced > 100 && received == 100)
        }
    }

    @Test("spreads a slow answer over its time")
    func slow() async throws {
        try await withServer(.still(invites: 5)) { server in
            let duration = Duration.milliseconds(300)
            await server.withAPI { $0.faults.enqueue(.delivery(.slow(duration))) }
            let clock = ContinuousClock()
            let start = clock.now
            let answer = try await Self.ask(Self.url(server))
            #expect(clock.now - start >= duration)
            let whole = try await Self.ask(Self.url(server))
            #expect(answer.body == whole.body)
            await server.withAPI { $0.faults.enqueue(.delivery(.slow(.seconds(60)))) }
            await #expect(throws: (any Error).self) {
                try await Self.ask(Self.url(server), within: .milliseconds(200))
            }
        }
    }

    @Test("stalls without an answer, and ends all the same")
    func stalled() async throws {
        try await withServer(.still(invites: 5)) { server in
            await server.withAPI { $0.faults.enqueue(.delivery(.stalled)) }
            await #expect(throws: (any Error).self) {
                try await Self.ask(Self.url(server), within: .milliseconds(200))
            }
            let next = try await Self.ask(Self.url(server))
            #expect(next.status == 200)
        }
    }

    @Test("stands still with a manual clock, and lives with a running one")
    func clocks() async throws {
        let organization = SimulatedOrganization(seed: 1, invites: 40, now: testNow)
        let api = SimulatedAPI(organization: organization, secret: testSecret)
        for (clock, moves) in [(SimulatedServer.Clock.manual, false), (.running(speed: 0), false)] {
            try await withServer(api, clock: clock) { server in
                _ = try await Self.ask(Self.url(server))
                #expect(await server.withAPI { $0.organization.now > testNow } == moves)
                await server.withAPI { $0.organization.wind(to: testNow + .days(21)) }
                #expect(await server.withAPI { $0.organization.count } > 40)
            }
        }
        // A hundred simulated days for each real millisecond.
        try await withServer(api, clock: .running(speed: 8_640_000_000)) { server in
            _ = try await Self.ask(Self.url(server))
            #expect(await server.withAPI { $0.organization.now > testNow + .days(30) && $0.organization.count > 40 })
        }
    }

    @Test("tells that its port is taken")
    func portTaken() async throws {
        try await withServer(.still(invites: 0)) { server in
            await #expect(throws: (any Error).self) {
                try await SimulatedServer(.still(invites: 0)).run(port: server.port) { _ in }
            }
        }
    }

    @Test("returns when its task is cancelled")
    func cancelled() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
            group.addTask { try await SimulatedServer(.still(invites: 3)).run { continuation.yield($0) } }
            for await port in ports {
                #expect(port > 0)
                break
            }
            group.cancelAll()
            try await group.waitForAll()
        }
    }
}
