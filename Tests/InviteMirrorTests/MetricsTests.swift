import Foundation
import InviteCore
import Testing

@testable import InviteMirror

struct MetricsTests {
    @Test func aFamilyIsWrittenAsPrometheusReadsIt() {
        let family = MetricFamily(
            "invites", .gauge, "a \\ and\na line", [.init(3, [("status", "a\"b\\c\nd")]), .init(0.5)])
        #expect(
            family.text(with: [("database", "m")]) == """
                # HELP invites a \\\\ and\\na line
                # TYPE invites gauge
                invites{database="m",status="a\\"b\\\\c\\nd"} 3
                invites{database="m"} 0.5

                """)
    }

    @Test func anInstantThatNeverWasHasNoLine() {
        #expect(MetricFamily("x_seconds", "when", at: nil).text() == "")
        let instant = Timestamp(microseconds: 1_500_000)
        #expect(MetricFamily("x_seconds", "when", at: instant).text().hasSuffix("x_seconds 1.5\n"))
    }

    @Test func instantsAreSharpToTheMillisecondAndNeverInExponents() {
        let instant = Timestamp(microseconds: 1_795_262_211_519_699)
        #expect(MetricFamily("x", "when", at: instant).text().contains("x 1795262211.519699\n"))
    }

    @Test func aNewMirrorHasItsNumbers() throws {
        let folder = try TemporaryFolder()
        let store = try MirrorStore(path: folder.path + "/mirror.db")
        let metrics = ServiceMetrics(database: store.path, startedAt: Timestamp(microseconds: 0))
        metrics.configure(interval: .seconds(300))
        metrics.countResponse(200)
        metrics.countResponse(200)
        metrics.countResponse(nil)
        metrics.record(.credential, startedAt: Timestamp(microseconds: 2_000_000))
        try metrics.refresh(store)
        let text = metrics.text
        let labels = "{database=\"\(store.path)\""
        #expect(text.contains("invite_mirror_api_responses_total\(labels),code=\"200\"} 2\n"))
        #expect(text.contains("invite_mirror_api_responses_total\(labels),code=\"none\"} 1\n"))
        #expect(text.contains("invite_mirror_last_exit_status\(labels)} 77\n"))
        #expect(text.contains("invite_mirror_last_attempt_timestamp_seconds\(labels)} 2\n"))
        #expect(text.contains("invite_mirror_sync_interval_seconds\(labels)} 300\n"))
        #expect(text.contains("invite_mirror_invites\(labels),status=\"pending\",listed=\"true\"} 0\n"))
        #expect(!text.contains("last_success"))
    }

    @Test func whatOnlyGrowsIsCountedOnceAndAddedTo() throws {
        let folder = try TemporaryFolder()
        let store = try MirrorStore(path: folder.path + "/mirror.db")
        var figures = MirrorFigures()
        for pass in 1...3 {
            try store.access { db in
                try db.run(
                    """
                    INSERT INTO sync_pass (scope, outcome, started_at, requests, pages)
                    VALUES ('full', 'complete', '2026-11-01T00:00:00.000000Z', 2, 1)
                    """)
                try db.run(
                    """
                    INSERT INTO invite_event (seq, pass_id, invite_id, kind, evidence, observed_at, document)
                    VALUES (?1, ?1, 'i', 'status_changed', 'listed', '2026-11-01T00:00:00.000000Z', '{}')
                    """, [.integer(pass)])
                try db.run(
                    """
                    INSERT INTO invite (id, status, listed, first_observed_at, last_changed_at, document)
                    VALUES (?1, ?2, 1, '', '', '{}')
                    """, [.text("i\(pass)"), .text(pass == 3 ? "invented" : "pending")])
            }
            try figures.refresh(store)
            try figures.refresh(store)
        }
        #expect(figures.passes == ["complete": 3])
        #expect(figures.requests == 6)
        #expect(figures.pages == 3)
        #expect(figures.events == ["status_changed": 3])
        // A status that nobody knows gets no series of its own.
        #expect(
            figures.invites == [.init(status: "pending", isListed: true): 2, .init(status: "other", isListed: true): 1])
    }

    @Test(arguments: [
        ("9464", "127.0.0.1:9464"), (":9464", "127.0.0.1:9464"), ("0.0.0.0:1", "0.0.0.0:1"),
        ("[::1]:65535", "[::1]:65535"), ("localhost:80", "localhost:80"),
    ])
    func addressesToListenOn(text: String, meaning: String) {
        #expect(ListenAddress(text)?.description == meaning)
    }

    @Test(arguments: ["", ":", "0", "65536", "::1:80", "[::1]", "a b:1", "http://h:1", "host:", "host:+1", "[h]:1"])
    func whatIsNoAddressToListenOn(text: String) {
        #expect(ListenAddress(text) == nil)
    }

    @Test func theMetricsSettingsAreOffUnlessSet() throws {
        let none = try Settings(flags: [:], environment: ["HOME": "/h"], file: nil)
        #expect(none.metricsListen == nil && none.metricsTextfile == nil && none.logFormat == .text)
        let environment = [
            "INVITE_MIRROR_METRICS_LISTEN": "9464", "INVITE_MIRROR_METRICS_TEXTFILE": "/run/m.prom",
            "INVITE_MIRROR_LOG_FORMAT": "json",
        ]
        let all = try Settings(flags: [:], environment: environment, file: nil)
        #expect(all.metricsListen?.port == 9464 && all.metricsTextfile == "/run/m.prom" && all.logFormat == .json)
        for wrong in [["metrics.listen": "x"], ["metrics.textfile": "/run/m.txt"], ["log.format": "xml"]] {
            #expect(throws: Failure.self) { try Settings(flags: wrong, environment: [:], file: nil) }
        }
    }
}
