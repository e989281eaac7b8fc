import Foundation
import GRDB
import InviteCore
import Testing

extension HostileTests {
    /// `FUZZ_SECONDS` and `FUZZ_SEED` make it longer, or the same again.
    @Suite("A mutated page")
    struct Fuzz {
        @Test("is decoded as Foundation and SQLite decode it, or not at all")
        func fuzz() throws {
            let environment = ProcessInfo.processInfo.environment
            let seconds = environment["FUZZ_SECONDS"].flatMap { Double($0) } ?? 4
            let seed = environment["FUZZ_SEED"].flatMap { UInt64($0) } ?? .random(in: 0...999_999_999)
            let end = ContinuousClock.now + .seconds(seconds)
            var mutator = PageMutator(seed: seed)
            let oracle = try PageOracle()
            var (pages, accepted, violations) = (0, 0, 0)
            while ContinuousClock.now < end, violations < 10 {
                let page = mutator.page()
                pages += 1
                let verdict = try oracle.judge(page)
                if verdict.isAccepted { accepted += 1 }
                for objection in verdict.objections {
                    violations += 1
                    Issue.record("seed \(seed), page \(pages): \(objection): \(String(decoding: page, as: UTF8.self))")
                }
            }
            HostileFigures.pages.withLock { $0 = "\(pages) mutated pages from seed \(seed)" }
            #expect(accepted * 20 > pages, "too few of the pages were read for this to say anything")
        }
    }
}
