import Foundation
import InviteCore
import Testing

@testable import InviteMirror

struct JournalTests {
    @Test func anEntryHasAFieldForEachValue() {
        let entry = JournalStream.entry(
            message: "pass failed", level: .critical, metadata: [("pass_id", "7"), ("request-id", "req_1")])
        #expect(
            String(decoding: entry, as: UTF8.self) == """
                MESSAGE=pass failed
                PRIORITY=2
                SYSLOG_IDENTIFIER=invite-mirror
                INVITE_MIRROR_PASS_ID=7
                INVITE_MIRROR_REQUEST_ID=req_1

                """)
    }

    @Test func aLineBreakInAValueCannotMakeAField() {
        let entry = JournalStream.entry(message: "a\nPRIORITY=0", level: .info, metadata: [])
        let start = Array("MESSAGE\n".utf8) + [12, 0, 0, 0, 0, 0, 0, 0] + Array("a\nPRIORITY=0\nPRIORITY=6\n".utf8)
        #expect(entry.starts(with: start))
    }

    @Test func theJournalIsMeantOnlyIfItIsStandardError() {
        #expect(!JournalStream.isStandardError([:]))
        #expect(!JournalStream.isStandardError(["JOURNAL_STREAM": "1:2"]))
    }

    @Test func jsonLinesAreObjects() throws {
        let line = LineLogHandler.json(
            "pass \"x\"", .notice, [("pass_id", "7"), ("error", "a\nb")], at: Timestamp(microseconds: 0))
        let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String]
        #expect(
            object == [
                "time": "1970-01-01T00:00:00.000000Z", "level": "notice", "message": "pass \"x\"", "pass_id": "7",
                "error": "a\nb",
            ])
        #expect(!line.contains("\n"))
    }

    @Test func textLinesQuoteWhatCouldBeMisread() {
        #expect(LineLogHandler.text("m", [("a", "1"), ("b", "x y"), ("c", "")]) == #"m a=1 b="x y" c="""#)
    }
}
