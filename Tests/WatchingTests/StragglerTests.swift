import Testing

@testable import Watching

/// Ranks of which one may be slow, by a rule of one and a half times the median for half a minute.
@Suite struct StragglerTests {
    private let begin = ContinuousClock.now

    /// What is found in so many seconds, in each of which every rank makes a step of as many milliseconds as `step` says.
    private func changes(
        ranks: Int, seconds: Int, rule: StragglerRule = .usual, _ step: (_ rank: Int, _ second: Int) -> Int
    ) -> [(second: Int, change: StragglerWatch.Change)] {
        var watch = StragglerWatch(rule, ranks: ranks)
        var found: [(second: Int, change: StragglerWatch.Change)] = []
        for second in 0...seconds {
            for rank in 0..<ranks { watch.hear(rank: rank, mean: .milliseconds(step(rank, second))) }
            found += watch.changes(at: begin + .seconds(second)).map { (second, $0) }
        }
        return found
    }

    @Test func theSlowOneIsNamedOnceAndAgainWhenItRecovers() {
        let found = changes(ranks: 8, seconds: 300) { rank, second in rank == 2 && second < 100 ? 50 : 10 + rank }
        #expect(found.map(\.change.rank) == [2, 2] && found.map(\.change.isSlow) == [true, false])
        #expect(found.map(\.second) == [30, 130])
        // The median of 10, 11, 13, 14, 15, 16, 17 and 50.
        #expect(found[0].change.factor == 50.0 / 14)
    }

    @Test func noiseAndHiccupsNameNobody() {
        #expect(changes(ranks: 8, seconds: 600) { rank, second in 10 + (rank * 7 + second * 13) % 19 }.isEmpty)
        // Nine seconds long, every thirty seconds.
        #expect(changes(ranks: 4, seconds: 600) { rank, second in rank == 1 && second % 30 < 9 ? 900 : 10 }.isEmpty)
        #expect(changes(ranks: 3, seconds: 600) { rank, _ in rank == 1 ? 15 : 10 }.isEmpty)
    }

    @Test(arguments: [2, 3, 4, 5, 100])
    func oneOfAnyNumberCanBeSlow(ranks: Int) {
        let found = changes(ranks: ranks, seconds: 60) { rank, _ in rank == ranks - 1 ? 21 : 10 }
        #expect(found.map(\.change) == [.init(rank: ranks - 1, factor: 2.1, isSlow: true)])
    }

    /// One second's steps of ten seconds would be judged one by one.
    @Test func aWindowHasEnoughSteps() {
        let rule = StragglerRule(factor: 1.5, duration: .seconds(3))
        #expect(
            changes(ranks: 4, seconds: 100, rule: rule) { rank, second in rank == second / 4 % 4 ? 20 : 10 }.isEmpty)
        let found = changes(ranks: 4, seconds: 100, rule: rule) { rank, _ in rank == 3 ? 20 : 10 }
        #expect(found.map(\.second) == [23] && found[0].change.rank == 3)
    }

    /// All wait for rank 0 so long that what rank 1 takes is nothing to them.
    @Test func whatNobodyWaitsForIsNotSlow() {
        let found = changes(ranks: 4, seconds: 60) { rank, _ in [210, 25, 10, 10][rank] }
        #expect(found.map(\.change.rank) == [0])
        #expect(changes(ranks: 4, seconds: 60) { rank, _ in [210, 60, 10, 10][rank] }.map(\.change.rank) == [0, 1])
    }

    @Test func aRankAloneIsNotSlow() {
        #expect(changes(ranks: 1, seconds: 60) { _, second in second % 2 == 0 ? 1000 : 1 }.isEmpty)
    }

    @Test func theTypicalTimeIsTheMedianOfWhatAllHaveSaid() {
        var watch = StragglerWatch(.usual, ranks: 3)
        watch.hear(rank: 0, mean: .seconds(1))
        watch.hear(rank: 1, mean: .seconds(9))
        #expect(watch.typical == .zero)
        watch.hear(rank: 2, mean: .seconds(2))
        #expect(watch.typical == .seconds(2))
    }
}
