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
        #expect(try listing.take(Self.page(["a", "b"], hasMore: true, lastID: .id("b"))).step == .next)
        #expect(listing.cursor == "b")
        #expect(try listing.take(Self.page(["c"], hasMore: false)).step == .complete)
    }

    @Test("may be empty from the start")
    func empty() throws {
        var listing = Listing()
        #expect(try listing.take(Self.page([], hasMore: false, lastID: .none)).step == .complete)
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

    // MARK: A recent range

    /// Invites at whole seconds; negative for a date that cannot be read.
    private static func page(at seconds: [Int], number: Int = 0, hasMore: Bool = true) throws -> InvitePage {
        let invites = try seconds.enumerated().map { index, second in
            let invitedAt = second < 0 ? "?" : instant(second).description
            return try SeenInvite(decoding: Array(#"{"id":"\#(number).\#(index)","invited_at":"\#(invitedAt)"}"#.utf8))
        }
        return InvitePage(invites: invites, hasMore: hasMore, lastID: .unsaid)
    }

    private static func instant(_ second: Int) -> Timestamp { Timestamp(microseconds: Int64(second) * 1_000_000) }

    @Test(
        "ends below its range where the order holds, and leaves out what may go on on the next page; else takes it all",
        arguments: [
            // Pages, then how many invites are taken and since when they are all there: nil for a full listing.
            ([[90, 80], [70, 50, 40]], 4, 50), ([[90, 80], [70, 60], [50, 40]], 5, 50),
            ([[90, 80, 50, 30, 30]], 3, 50),
            ([[90, 60], [50]], 2, 60), ([[50, 50]], 0, 60), ([[60, 60], [60, 60], [50, 20, 20]], 5, 50),
            // The end comes before the range does.
            ([[90, 80], [70]], 3, nil),
            // Not in order; a date that cannot be read; another invite below the range than the mirror has there.
            ([[80, 90], [70, 40], [30]], 5, nil), ([[90, -1], [70, 40], [30]], 5, nil),
            ([[90, 80], [55, 40], [30]], 5, nil), ([[90, 80], [40, 30], [20]], 5, nil),
            ([[90, 40, 80], [50, 20], [10]], 6, nil),
        ] as [([[Int]], Int, Int?)])
    func recent(pages: [[Int]], taken: Int, since: Int?) throws {
        var listing = Listing(RecentRange(since: Self.instant(60), below: Self.instant(50)))
        var count = 0
        var step = Listing.Step.next
        for (index, seconds) in pages.enumerated() {
            #expect(step == .next)
            let hasMore = since != nil || index < pages.count - 1
            let part = try listing.take(Self.page(at: seconds, number: index, hasMore: hasMore))
            (step, count) = (part.step, count + part.invites.count)
        }
        #expect(step == .complete)
        #expect(listing.coveredSince == since.map(Self.instant))
        #expect((listing.range == nil) == (since == nil))
        #expect(count == taken)
    }

    @Test(
        "has been seen newest first only after several steps down",
        arguments: [
            ([60, 50, 40, 30, 20, 10], true), ([60, 50, 40, 30, 20], false), ([60, 60, 60, 60, 60, 60, 60], false),
            ([60, 50, 50, 40, 30, 20, 10], true), ([60, 50, 40, 30, 20, 10, 11], false),
            ([60, 50, 40, 30, 20, 10, -1], false),
        ] as [([Int], Bool)])
    func order(seconds: [Int], isSeen: Bool) throws {
        var listing = Listing()
        for (number, second) in seconds.enumerated() {
            _ = try listing.take(Self.page(at: [second], number: number))
        }
        #expect(listing.order.isSeen == isSeen)
    }
}
