import InviteCore

/// One metric with its samples, and how Prometheus reads it: the text exposition format 0.0.4.
package struct MetricFamily: Sendable {
    package enum Kind: String, Sendable { case counter, gauge }

    /// One value, and the labels that tell it from the others.
    package struct Sample: Sendable {
        let labels: [(name: String, value: String)]
        let value: Double

        package init(_ value: Double, _ labels: [(name: String, value: String)] = []) {
            self.labels = labels
            self.value = value
        }
    }

    private let name: String
    private let kind: Kind
    private let help: String
    private let samples: [Sample]

    package init(_ name: String, _ kind: Kind, _ help: String, _ samples: [Sample]) {
        self.name = name
        self.kind = kind
        self.help = help
        self.samples = samples
    }

    package init(_ name: String, _ kind: Kind, _ help: String, _ value: Int) {
        self.init(name, kind, help, [Sample(Double(value))])
    }

    /// Instants are seconds since 1970: the age of one is the reader's to compute, when it looks. One that never was
    /// has no sample.
    package init(_ name: String, _ help: String, at instant: Timestamp?) {
        self.init(name, .gauge, help, instant.map { [Sample(Double($0.microseconds) / 1_000_000)] } ?? [])
    }

    /// Its lines; none where there is no sample.
    ///
    /// - Parameter common: labels of every sample.
    package func text(with common: [(name: String, value: String)] = []) -> String {
        guard !samples.isEmpty else { return "" }
        var text = "# HELP \(name) \(Self.escaped(help))\n# TYPE \(name) \(kind.rawValue)\n"
        for sample in samples {
            let labels = (common + sample.labels).map { label in
                "\(label.name)=\"\(Self.escaped(label.value).replacing("\"", with: "\\\""))\""
            }
            text += name + (labels.isEmpty ? "" : "{\(labels.joined(separator: ","))}")
            text += " \(Self.number(sample.value))\n"
        }
        return text
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
    }

    private static func number(_ value: Double) -> String {
        Int64(exactly: value).map(String.init) ?? "\(value)"
    }
}
