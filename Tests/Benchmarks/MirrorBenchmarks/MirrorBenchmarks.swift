import AllocationCounter
import Benchmark
import InviteCore
import InviteMirror

// What a pass is made of, page by page, and the mirror as of an instant. `Tests/Benchmarks/compare` measures the whole.
// `Instructions` reads 0 where the kernel counts none, as in most virtual machines; we count the allocations.

private let allocations = BenchmarkMetric.custom("Allocations", polarity: .prefersSmaller, useScalingFactor: false)
private let allocatedBytes = BenchmarkMetric.custom(
    "Allocated bytes", polarity: .prefersSmaller, useScalingFactor: false)

/// Runs one measured piece of work, and counts its allocations.
private func measure<Result>(_ benchmark: Benchmark, _ work: () throws -> Result) rethrows {
    benchmark.startMeasurement()
    let (count, bytes) = (allocation_count(), allocation_bytes())
    blackHole(try work())
    let (countAfter, bytesAfter) = (allocation_count(), allocation_bytes())
    benchmark.stopMeasurement()
    benchmark.measurement(allocations, Int(countAfter - count))
    benchmark.measurement(allocatedBytes, Int(bytesAfter - bytes))
}

let benchmarks: @Sendable () -> Void = {
    Benchmark.defaultConfiguration = .init(
        metrics: [.wallClock, .instructions, .peakMemoryResident, allocations, allocatedBytes],
        warmupIterations: 2, maxDuration: .seconds(3), maxIterations: 300)

    Benchmark("decode: a page of 1,000 invites") { benchmark in
        let body = Pages.body(3)
        for _ in benchmark.scaledIterations {
            try measure(benchmark) { try InvitePage(decoding: body) }
        }
    }

    for (name, changed) in [("unchanged", false), ("1 % changed", true)] {
        Benchmark("reconcile: a page of 1,000 invites, \(name)") { benchmark in
            let instant = Timestamp(rfc3339: "2026-11-02T09:00:00.000000Z")!
            let source = Trial.provenance(instant)
            var reconciliation = Reconciliation(knownNames: [])
            let stored = try InvitePage(decoding: Pages.body(0)).invites.map {
                reconciliation.appear($0, by: source).invite
            }
            let seen = try InvitePage(decoding: Pages.body(0, changed: changed)).invites
            let bounds = Reconciliation.Bounds(status: instant, fields: instant, presence: instant)
            measure(benchmark) {
                zip(stored, seen).reduce(into: 0) { count, pair in
                    let change = reconciliation.compare(pair.0, with: pair.1, by: source, bounds: bounds)
                    if change != nil { count += 1 }
                }
            }
        }
    }

    // In a transaction that is rolled back: what the disk takes is in `compare`.
    for (name, number, changed) in [("new", 100, false), ("unchanged", 50, false), ("1 % changed", 50, true)] {
        Benchmark("apply: a page of 1,000 invites, \(name), beside 100,000") { benchmark, trial in
            let page = try InvitePage(decoding: Pages.body(number, changed: changed))
            let transaction = try trial.open()
            try measure(benchmark) { try trial.take(page, in: transaction) }
            try transaction.rollBack()
        } setup: {
            try Trial(pages: 100)
        }
    }

    Benchmark("as-of: 100,000 invites, all read") { benchmark, trial in
        let query = MirrorQuery.versions(at: Timestamp(rfc3339: "2026-11-03T00:00:00.000000Z")!, status: nil)
        let reader = try MirrorReader(path: trial.path)
        try measure(benchmark) {
            try reader.read { database in
                var rows = 0
                try database.run(query.sql, query.values) { _ in rows += 1 }
                return rows
            }
        }
    } setup: {
        try Trial(pages: 100)
    }
}
