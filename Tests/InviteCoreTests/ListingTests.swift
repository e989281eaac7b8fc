import InviteCore
import Testing

@Suite("A listing")
struct ListingTests {
    private static func page(_ ids: [String], hasMore: Bool, lastID: InvitePage.LastID = .unsaid) throws -> InvitePage {
        InvitePage(
            invites: try ids.map { try seen(["id": JSONText(string: $0).text]) }, hasMore: hasMore, lastID: lastID)
    }

    @Test("goes on after the last id of a page, until a page says that there is no more")
    func pages() throws {
        var listing = Listing()
        #expect(listing.cursor == nil)
        #expect(try listing.take(Self.page(["a", "b"], hasMore: true, lastID: .id("b"))) == .next)
        #expect(listing.cursor == "b")
        #expect(try listing.take(Self.page(["c"], hasMore: false)) == .complete)
    }

    @Test("may be empty from the start")
    func empty() throws {
        var listing = Listing()
        #expect(try listing.take(Self.page([], hasMore: false, lastID: .none)) == .complete)
    }

    @Test(
        "sees where pages contradict each other",
        arguments: [
            ([], true, InvitePage.LastID.unsaid, Listing.Contradiction.emptyPageWithMore),
            ([], false, .none, .emptyLastPage), (["c"], true, .id("b"), .wrongLastID),
            (["c"], false, .none, .wrongLastID), (["c", "d"], false, .id("c"), .wrongLastID),
        ])
    func contradictions(
        ids: [String], hasMore: Bool, lastID: InvitePage.LastID, expected: Listing.Contradiction
    ) throws {
        var listing = Listing()
        _ = try listing.take(Self.page(["a"], hasMore: true))
        #expect(throws: expected) { try listing.take(Self.page(ids, hasMore: hasMore, lastID: lastID)) }
    }

    @Test("remembers what it has seen, and refuses it the second time", arguments: [0, 1, 63, 64, 65, 1_000_000])
    func marks(position: Int) throws {
        var listing = Listing()
        #expect(!listing.contains(position: position))
        try listing.mark("a", at: position)
        #expect(listing.contains(position: position) && !listing.contains(position: position + 1))
        #expect(listing.count == 1)
        #expect(throws: Listing.Contradiction.repeatedID("a")) { try listing.mark("a", at: position) }
        #expect(listing.count == 1)
    }

    @Test(
        "starts again three times at the most, and takes an empty last page the second time",
        arguments: [
            (
                [.wrongLastID, .emptyPageWithMore, .repeatedID("a"), .cursorRefused(status: 400)],
                [.startAgain, .startAgain, .startAgain, .giveUp]
            ),
            ([.emptyLastPage, .emptyLastPage], [.startAgain, .take]),
            ([.emptyLastPage, .wrongLastID, .emptyLastPage], [.startAgain, .startAgain, .take]),
        ] as [([Listing.Contradiction], [ListingRestarts.Verdict])])
    func restarts(contradictions: [Listing.Contradiction], verdicts: [ListingRestarts.Verdict]) {
        var restarts = ListingRestarts()
        #expect(contradictions.map { restarts.judge($0) } == verdicts)
    }
}
