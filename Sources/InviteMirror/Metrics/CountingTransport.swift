/// Counts what the API answers, for the metrics.
package struct CountingTransport: APITransport {
    private let transport: any APITransport
    private let metrics: ServiceMetrics

    package init(_ transport: any APITransport, metrics: ServiceMetrics) {
        self.transport = transport
        self.metrics = metrics
    }

    package func send(_ request: APIRequest) async throws -> APIResponse {
        do {
            let response = try await transport.send(request)
            metrics.countResponse(response.status)
            return response
        } catch let failure as TransportFailure {
            metrics.countResponse(nil)
            throw failure
        }
    }
}
