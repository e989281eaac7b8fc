/// Folds the pages of one listing. It is complete only when a page says that there is no more, and it is given up as
/// soon as the answers contradict each other.
package struct Listing: Sendable {
    /// Bits by the position of an invite in the mirror: an eighth of a byte for each invite ever seen.
    private var seen: [UInt64] = []
    /// Invites in the listing so far.
    package private(set) var count = 0
    /// The id to go on after; nil at the top.
    package private(set) var cursor: String?

    package init() {}

    /// Why a listing cannot be trusted.
    package enum Contradiction: Error, Sendable, Equatable {
        case repeatedID(String)
        case emptyPageWithMore
        case wrongLastID
        case cursorRefused(status: Int)
        /// The last page, asked for by a cursor, is empty. It can be the truth.
        case emptyLastPage
    }

    package enum Step: Sendable, Equatable {
        case next, complete
    }

    /// What a page as such says: whether it fits, and what follows.
    package mutating func take(_ page: InvitePage) throws(Contradiction) -> Step {
        guard let last = page.invites.last else {
            if page.hasMore { throw .emptyPageWithMore }
            if cursor != nil { throw .emptyLastPage }
            return .complete
        }
        if page.lastID != .unsaid && page.lastID != .id(ExactText(last.id)) { throw .wrongLastID }
        cursor = last.id
        return page.hasMore ? .next : .complete
    }

    /// Notes that an invite was seen. A cursor that repeats shows here as well: it is an id listed twice.
    package mutating func mark(_ id: String, at position: Int) throws(Contradiction) {
        let (word, bit) = (position / 64, UInt64(1) << UInt64(position % 64))
        if word >= seen.count { seen.append(contentsOf: repeatElement(0, count: word - seen.count + 1)) }
        guard seen[word] & bit == 0 else { throw .repeatedID(id) }
        seen[word] |= bit
        count += 1
    }

    package func contains(position: Int) -> Bool {
        let word = position / 64
        return word < seen.count && seen[word] & (UInt64(1) << UInt64(position % 64)) != 0
    }
}

/// How often a listing may start again from the top.
package struct ListingRestarts: Sendable {
    private var contradictions = 0
    private var hadEmptyLastPage = false

    package static let maximum = 3

    package init() {}

    package enum Verdict: Sendable, Equatable {
        case startAgain
        /// The listing ended so before: it is taken as it is.
        case take
        case giveUp
    }

    package mutating func judge(_ contradiction: Listing.Contradiction) -> Verdict {
        if contradiction == .emptyLastPage {
            defer { hadEmptyLastPage = true }
            return hadEmptyLastPage ? .take : .startAgain
        }
        contradictions += 1
        return contradictions > Self.maximum ? .giveUp : .startAgain
    }
}

extension Listing.Contradiction: CustomStringConvertible {
    package var description: String {
        switch self {
        // The id is the API's text, of any length and with anything in it: not for a sentence.
        case .repeatedID: "an invite was listed twice"
        case .emptyPageWithMore: "a page was empty although it said that there is more"
        case .wrongLastID: "a page's last_id was not the id of its last invite"
        case .cursorRefused(let status): "the API refused a cursor that it had given, with \(status)"
        case .emptyLastPage: "the page after a cursor was empty"
        }
    }
}
