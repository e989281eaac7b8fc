import InviteCore
import Testing

@Suite("The schedule")
struct ScheduleTests {
    @Test(
        "plans the first instant after now, and a late pass once",
        arguments: [
            (0, 300), (1, 300), (299, 300), (300, 600), (301, 600), (599, 600), (600, 900), (100_000, 100_200),
        ])
    func advance(now: Int, planned: Int) {
        var schedule = Schedule(interval: .seconds(300), start: .zero)
        schedule.advance(now: .seconds(now), needsOperator: false)
        #expect(schedule.planned == .seconds(planned))
    }

    @Test("does not drift, however late each pass is")
    func drift() {
        var schedule = Schedule(interval: .seconds(10), start: .seconds(3))
        for number in 1...1000 {
            schedule.advance(now: schedule.planned + .milliseconds(number % 9999), needsOperator: false)
            #expect(schedule.planned == .seconds(3 + number * 10))
        }
    }

    @Test(
        "waits twice as long after each pass that needs an operator, 16 intervals or an hour at the most",
        arguments: [
            (60, [2, 4, 8, 16, 16, 16]), (300, [2, 4, 8, 12, 12]), (1200, [2, 3, 3]), (1800, [2, 2]), (3600, [1, 1]),
            (86400, [1, 1]), (2_592_000, [1, 1]),
        ])
    func troubles(interval: Int, factors: [Int]) {
        var schedule = Schedule(interval: .seconds(interval), start: .zero)
        for factor in factors {
            let before = schedule.planned
            schedule.advance(now: before, needsOperator: true)
            #expect(schedule.planned - before == .seconds(interval * factor))
        }
        let before = schedule.planned
        schedule.advance(now: before, needsOperator: false)
        #expect(schedule.planned - before == .seconds(interval))
    }

    @Test("forgives what came before a pass by hand")
    func forgive() {
        var schedule = Schedule(interval: .seconds(60), start: .zero)
        schedule.advance(now: .zero, needsOperator: true)
        schedule.advance(now: schedule.planned, needsOperator: true)
        let planned = schedule.planned
        schedule.forgive()
        #expect(schedule.planned == planned)
        schedule.advance(now: planned, needsOperator: true)
        #expect(schedule.planned - planned == .seconds(120))
    }

    @Test(
        "spreads mirrors over a twentieth of the interval, ten seconds at the most",
        arguments: [(1, 50), (60, 3000), (200, 10_000), (86400, 10_000)])
    func jitter(interval: Int, milliseconds: Int) {
        #expect(Schedule(interval: .seconds(interval), start: .zero).maximumJitter == .milliseconds(milliseconds))
    }
}

@Suite("The request budget")
struct TokenBucketTests {
    @Test("gives a burst of twenty at the most, then as many as a minute has", arguments: [1, 5, 20, 60, 1_000_000])
    func burst(perMinute: Int) {
        var bucket = TokenBucket(perMinute: perMinute, now: .seconds(100))
        let burst = min(perMinute, 20)
        for _ in 0..<burst { #expect(bucket.take(now: .seconds(100)) == .zero) }
        for number in 1...3 {
            let wait = bucket.take(now: .seconds(100)).inSeconds
            #expect(abs(wait - Double(number) * 60 / Double(perMinute)) < 0.000_01)
        }
    }

    @Test("fills with time, and never beyond its burst")
    func fills() {
        var bucket = TokenBucket(perMinute: 60, now: .zero)
        for _ in 0..<20 { #expect(bucket.take(now: .zero) == .zero) }
        #expect(bucket.take(now: .seconds(1)) == .zero)
        #expect(bucket.take(now: .seconds(1)) == .seconds(1))
        for _ in 0..<20 { #expect(bucket.take(now: .seconds(86400)) == .zero) }
        #expect(bucket.take(now: .seconds(86400)) > .zero)
    }

    @Test("never gives more in any minute than its rate and its burst", arguments: [7, 20, 100])
    func rate(perMinute: Int) {
        var bucket = TokenBucket(perMinute: perMinute, now: .zero)
        var now = Duration.zero
        var sent: [Duration] = []
        while now < .seconds(600) {
            now += bucket.take(now: now)
            sent.append(now)
        }
        for (index, start) in sent.enumerated() {
            let minute = sent[index...].prefix { $0 - start < .seconds(60) }.count
            #expect(minute <= perMinute + min(perMinute, 20) + 1)
        }
    }

    @Test("is not confused by time that goes back")
    func backwards() {
        var bucket = TokenBucket(perMinute: 1, now: .seconds(100))
        #expect(bucket.take(now: .seconds(100)) == .zero)
        #expect(bucket.take(now: .seconds(40)) == .seconds(60))
    }
}
