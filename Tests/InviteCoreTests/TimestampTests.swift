import Testing

@testable import InviteCore

@Suite struct TimestampTests {
    @Test("An instant keeps its microseconds")
    func microseconds() {
        #expect(Timestamp(rfc3339: "2024-10-30T23:58:27.427722Z")?.description == "2024-10-30T23:58:27.427722Z")
    }
}
