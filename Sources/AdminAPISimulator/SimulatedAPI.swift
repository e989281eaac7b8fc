import InviteCore

/// The invites endpoints of the Admin API over one organisation: a request in, an answer out, no clock, no I/O.
package struct SimulatedAPI: Sendable {
    package static let invitesPath = "/v1/organizations/invites"

    package var organization: SimulatedOrganization
    package var modes: Modes {
        didSet { rememberEnough() }
    }
    package var faults: FaultPlan
    /// What a request must show, as `x-api-key` or as a bearer token.
    package let secret: String
    /// How many requests were answered, whatever the answer.
    package private(set) var requestCount = 0

    private var order = ListOrder()

    package init(
        organization: SimulatedOrganization, secret: String, modes: Modes = Modes(), faults: FaultPlan = FaultPlan()
    ) {
        self.organization = organization
        self.secret = secret
        self.modes = modes
        self.faults = faults
        rememberEnough()
    }

    package mutating func answer(_ request: SimulatedRequest) -> SimulatedAnswer {
        requestCount += 1
        let requestID = requestID(requestCount)
        let route = Route(request)
        let fault = faults.next(for: route.endpoint, hasCursor: request.queryValue("after_id") != nil)
        var answer: SimulatedAnswer
        do {
            try refuse(fault)
            if case .mutation(let change) = fault { change(&organization) }
            try admit(request)
            let body = try carryOut(request, route, malformation: fault?.malformation)
            answer = SimulatedAnswer(status: 200, headers: [], body: body)
        } catch {
            answer = SimulatedAnswer(
                status: error.status, headers: error.headers, body: error.body(requestID: requestID))
        }
        answer.headers += [("content-type", "application/json"), ("request-id", requestID)]
        if let id = organizationHeader(fault) { answer.headers.append(("anthropic-organization-id", id)) }
        if let malformation = fault?.malformation, answer.status == 200 { malformation.spoil(&answer) }
        if case .delivery(let delivery) = fault { answer.delivery = delivery }
        return answer
    }

    /// What a complete listing shows at this instant, lag included: most recent first, whatever the order of pages.
    package var listing: [SimulatedInvite] {
        let view = OrganizationView(organization, modes: modes, lag: modes.listLag)
        return (0..<view.slotCount).reversed().compactMap(view.listed)
    }

    /// The JSON object by which answers show this invite.
    package func document(of invite: SimulatedInvite) -> String {
        String(decoding: document(invite, nil), as: UTF8.self)
    }

    /// Sends an invite again in the way of the modes; its id afterwards, nil when there was nothing to send.
    @discardableResult
    package mutating func resend(id: String) -> String? {
        switch modes.resending {
        case .sameID: organization.resend(id: id) ? id : nil
        case .newID: organization.resendAsNew(id: id)?.id
        }
    }

    // MARK: Before a request is carried out

    private func refuse(_ fault: Fault?) throws(APIError) {
        switch fault {
        case .status(let status, let retryAfter, let shouldRetry):
            var error = APIError(status: status, message: "A fault of the simulation")
            if let retryAfter { error.headers.append(retryAfter.header(now: organization.now)) }
            if let shouldRetry { error.headers.append(("x-should-retry", "\(shouldRetry)")) }
            throw error
        case .redirect(let status, let location):
            var error = APIError(status: status, message: "A redirect of the simulation")
            error.headers.append(("location", location))
            throw error
        default: return
        }
    }

    private func admit(_ request: SimulatedRequest) throws(APIError) {
        if let key = request.header("x-api-key") {
            guard key == secret else { throw .unauthorized("invalid x-api-key") }
        } else if let authorization = request.header("authorization") {
            guard authorization.lowercased().hasPrefix("bearer "), authorization.dropFirst(7) == secret else {
                throw .unauthorized("Invalid bearer token")
            }
        } else {
            throw .unauthorized("x-api-key header is required")
        }
        guard request.header("anthropic-version") != nil else {
            throw .invalid("anthropic-version: header is required")
        }
        switch modes.missingScope {
        case .unauthorized: throw .unauthorized("This secret may not read invites")
        case .forbidden: throw .forbidden("This secret may not read invites")
        case .notFound: throw .notFound("Not found")
        case .emptyList, nil: return
        }
    }

    // MARK: The endpoints

    private mutating func carryOut(
        _ request: SimulatedRequest, _ route: Route, malformation: Malformation?
    ) throws(APIError) -> [UInt8] {
        switch route {
        case .list: return try list(request, malformation)
        case .get(let id):
            let view = OrganizationView(organization, modes: modes, lag: modes.getLag)
            guard modes.missingScope == nil, let invite = view.got(id) else { throw .notFound("Invite not found") }
            return document(invite, malformation)
        case .create:
            try requireScope()
            let asked = try NewInvite(request.body)
            return document(organization.create(email: asked.email, role: asked.role), malformation)
        case .delete(let id):
            try requireScope()
            guard OrganizationView(organization, modes: modes).got(id) != nil else {
                throw .notFound("Invite not found")
            }
            guard organization.delete(id: id) else { throw .invalid("Only pending invites can be deleted") }
            return Array("{\"id\":\(JSONText.quoted(id)),\"type\":\"invite_deleted\"}".utf8)
        case .wrongMethod: throw .methodNotAllowed("Method Not Allowed")
        case .unknown: throw .notFound("Not Found")
        }
    }

    private mutating func list(_ request: SimulatedRequest, _ malformation: Malformation?) throws(APIError) -> [UInt8] {
        let query = try ListQuery(request)
        guard modes.missingScope == nil else { return ListBody.render(ListPage(), modes: modes) }
        order.update(modes.order, for: organization)
        let view = OrganizationView(organization, modes: modes, lag: modes.listLag)
        let page = try ListPage(query, of: view, in: order)
        let cursor = request.queryValue("after_id").flatMap { organization[$0] }
        return ListBody.render(page, modes: modes, malformation: malformation, cursor: cursor)
    }

    private func document(_ invite: SimulatedInvite, _ malformation: Malformation?) -> [UInt8] {
        var body: [UInt8] = []
        InviteDocument.append(invite, modes: modes, id: malformation?.idText, to: &body)
        return body
    }

    /// A scope that shows an empty list allows no writing either.
    private func requireScope() throws(APIError) {
        guard modes.missingScope == nil else { throw .forbidden("This secret may not change invites") }
    }

    // MARK: Headers

    private func organizationHeader(_ fault: Fault?) -> String? {
        if case .organizationHeader(let id) = fault { return id }
        switch modes.organizationHeader {
        case .own: return organization.organizationID
        case .absent: return nil
        case .another(let id): return id
        }
    }

    private func requestID(_ number: Int) -> String {
        var generator = SeededGenerator(seed: organization.seed, domain: .requestID, index: number)
        return "req_01" + generator.base58(22)
    }

    private mutating func rememberEnough() {
        organization.remembered = max(modes.listLag, modes.getLag)
    }
}

extension Fault {
    fileprivate var malformation: Malformation? {
        guard case .malformed(let malformation) = self else { return nil }
        return malformation
    }
}
