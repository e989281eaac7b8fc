/// What a request's method and path ask for, below any base path.
enum Route {
    case list, create, wrongMethod, unknown
    case get(String)
    case delete(String)

    init(_ request: SimulatedRequest) {
        let parts = request.path.split(separator: "/", omittingEmptySubsequences: false)
        let root = ["v1", "organizations", "invites"]
        guard let start = parts.indices.first(where: { parts[$0...].starts(with: root) { $0 == $1 } }) else {
            self = .unknown
            return
        }
        let rest = parts[(start + root.count)...].map(String.init)
        switch (request.method, rest.count, rest.first) {
        case ("GET", 0, _): self = .list
        case ("POST", 0, _): self = .create
        case (_, 0, _): self = .wrongMethod
        case (_, 1, .some("")): self = .unknown
        case ("GET", 1, .some(let id)): self = .get(id)
        case ("DELETE", 1, .some(let id)): self = .delete(id)
        case (_, 1, _): self = .wrongMethod
        default: self = .unknown
        }
    }

    var endpoint: SimulatedEndpoint {
        switch self {
        case .list: .list
        case .get: .get
        case .create: .create
        case .delete: .delete
        case .wrongMethod, .unknown: .unknown
        }
    }
}
