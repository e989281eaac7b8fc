/// Renders pages, right ones and wrong ones.
enum ListBody {
    /// - Parameter cursor: the id of `after_id`, for pages that go wrong about it.
    static func render(
        _ page: ListPage, modes: Modes, malformation: Malformation? = nil, cursor: SimulatedInvite? = nil
    ) -> [UInt8] {
        var invites = page.invites
        var hasMore = page.hasMore ? "true" : "false"
        var lastID = invites.last?.id
        switch malformation {
        case .idTwiceInPage:
            if let first = invites.first { invites.insert(first, at: 1) }
        case .idFromEarlierPage:
            if let cursor { invites.insert(cursor, at: 0) }
        case .cursorThatNeverAdvances:
            if let cursor { invites.append(cursor) }
            lastID = cursor?.id
            hasMore = "true"
        case .wrongLastID: lastID = "invite_01" + String(repeating: "1", count: 22)
        case .emptyPageWithMore:
            invites = []
            lastID = nil
            hasMore = "true"
        case .hasMoreNotBoolean: hasMore = "\"yes\""
        default: break
        }
        return render(invites, lastID: lastID, hasMore: hasMore, modes: modes, malformation: malformation)
    }

    private static func render(
        _ invites: [SimulatedInvite], lastID: String?, hasMore: String, modes: Modes, malformation: Malformation?
    ) -> [UInt8] {
        var body: [UInt8] = []
        body.reserveCapacity(invites.count * 256 + 128)
        body += "{\"data\":".utf8
        if malformation == .dataNotArray {
            body += "{\"invites\":\(invites.count)}".utf8
        } else {
            body.append(UInt8(ascii: "["))
            for (index, invite) in invites.enumerated() {
                if index > 0 { body.append(UInt8(ascii: ",")) }
                let id = index == 0 ? malformation?.idText : nil
                InviteDocument.append(invite, modes: modes, id: id, to: &body)
            }
            body.append(UInt8(ascii: "]"))
        }
        body += ",\"first_id\":\(invites.first.map { JSONText.quoted($0.id) } ?? "null")".utf8
        if malformation != .hasMoreMissing { body += ",\"has_more\":\(hasMore)".utf8 }
        body += ",\"last_id\":\(lastID.map(JSONText.quoted) ?? "null")}".utf8
        return body
    }
}
