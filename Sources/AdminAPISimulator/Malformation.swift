/// Nonsense in an answer of status 200.
package enum Malformation: Sendable, Hashable, CaseIterable {
    // Of any answer.
    case notJSON, emptyBody, htmlBody, truncatedJSON, invalidUTF8
    // Of any answer that shows an invite.
    case inviteWithoutID, emptyID, numericID
    // Of pages.
    case dataNotArray, hasMoreMissing, hasMoreNotBoolean, idTwiceInPage, wrongLastID, emptyPageWithMore
    // Of pages that follow another, asked for by `after_id`.
    case idFromEarlierPage, cursorThatNeverAdvances

    func applies(to endpoint: SimulatedEndpoint, hasCursor: Bool) -> Bool {
        switch self {
        case .notJSON, .emptyBody, .htmlBody, .truncatedJSON, .invalidUTF8: true
        case .inviteWithoutID, .emptyID, .numericID: [.list, .get, .create].contains(endpoint)
        case .dataNotArray, .hasMoreMissing, .hasMoreNotBoolean, .idTwiceInPage, .wrongLastID, .emptyPageWithMore:
            endpoint == .list
        case .idFromEarlierPage, .cursorThatNeverAdvances: endpoint == .list && hasCursor
        }
    }

    /// JSON text in place of the first invite's id; empty text leaves it out, nil keeps it.
    var idText: String? {
        switch self {
        case .inviteWithoutID: ""
        case .emptyID: "\"\""
        case .numericID: "42"
        default: nil
        }
    }

    /// Spoils a finished answer, where that is what this is about.
    func spoil(_ answer: inout SimulatedAnswer) {
        switch self {
        case .notJSON: answer.body = Array("upstream says hello".utf8)
        case .emptyBody: answer.body = []
        case .htmlBody:
            answer.body = Array("<!doctype html><html><body><h1>Please log in</h1></body></html>".utf8)
            answer.headers = answer.headers.map { $0.name == "content-type" ? ($0.name, "text/html") : $0 }
        case .truncatedJSON: answer.body.removeLast(answer.body.count / 2)
        case .invalidUTF8:
            // Inside the first string, where a lenient reader would not see it.
            let quote = answer.body.firstIndex(of: UInt8(ascii: "\"")).map { $0 + 1 } ?? answer.body.count
            answer.body.insert(contentsOf: [0xFF, 0xC0], at: quote)
        default: break
        }
    }
}
