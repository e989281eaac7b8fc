import Foundation
import InviteCore
import InviteMirror
import Testing

@Suite("The notifier")
struct ServiceNotifierTests {
    /// A datagram socket, as the service manager has one.
    final class Manager {
        let descriptor: CInt

        init(_ name: String) {
            descriptor = socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue), 0)
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            let path = name.utf8.enumerated().map { $0.offset == 0 && $0.element == UInt8(ascii: "@") ? 0 : $0.element }
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
            let length = socklen_t(MemoryLayout<sa_family_t>.size + path.count)
            let code = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
            }
            #expect(code == 0)
        }

        deinit { close(descriptor) }

        func receive() -> String {
            var buffer = [UInt8](repeating: 0, count: 1024)
            let count = recv(descriptor, &buffer, buffer.count, 0)
            return String(decoding: buffer[..<max(0, count)], as: UTF8.self)
        }
    }

    @Test("speaks to the service manager, by a path or an abstract name", arguments: [true, false])
    func messages(isAbstract: Bool) throws {
        let folder = try TemporaryFolder()
        let name = isAbstract ? "@invite-mirror-\(UUID().uuidString)" : folder.file("notify")
        let manager = Manager(name)
        let notifier = ServiceNotifier(environment: ["NOTIFY_SOCKET": name])
        notifier.ready("first pass")
        #expect(manager.receive() == "READY=1\nSTATUS=first pass")
        notifier.status("a pass is running")
        #expect(manager.receive() == "STATUS=a pass is running")
        notifier.watchdog()
        #expect(manager.receive() == "WATCHDOG=1")
        notifier.reloading()
        #expect(manager.receive().hasPrefix("RELOADING=1\nMONOTONIC_USEC="))
        notifier.stopping()
        #expect(manager.receive().hasPrefix("STOPPING=1\n"))
    }

    @Test("is silent where nobody listens", arguments: [nil, "", "relative", "/nonexistent/notify"])
    func silent(name: String?) {
        let environment = name.map { ["NOTIFY_SOCKET": $0] } ?? [:]
        ServiceNotifier(environment: environment).ready("x")
        ServiceNotifier(environment: ["NOTIFY_SOCKET": "/" + String(repeating: "x", count: 200)]).ready("x")
    }

    @Test(
        "knows how often a sign of life is wanted",
        arguments: [
            (["WATCHDOG_USEC": "30000000"], 30), (["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "\(getpid())"], 30),
            (["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"], nil), (["WATCHDOG_USEC": "0"], nil),
            (["WATCHDOG_USEC": "-5"], nil), (["WATCHDOG_USEC": "soon"], nil), ([:], nil),
        ] as [([String: String], Int?)])
    func watchdog(environment: [String: String], seconds: Int?) {
        #expect(ServiceNotifier(environment: environment).watchdogInterval == seconds.map { .seconds($0) })
    }

    @Test("is alive as long as each step keeps its word")
    func heartbeat() {
        let heartbeat = Heartbeat(now: .zero)
        #expect(heartbeat.isAlive(now: .seconds(59)) && !heartbeat.isAlive(now: .seconds(60)))
        heartbeat.beat(now: .seconds(50), next: .seconds(300))
        #expect(heartbeat.isAlive(now: .seconds(409)) && !heartbeat.isAlive(now: .seconds(410)))
    }
}
