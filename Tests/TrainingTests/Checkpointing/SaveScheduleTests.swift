import Runs
import Testing

struct SaveScheduleTests {
    /// The steps after which a run of steps of `seconds` each saves, where a save takes `cost` seconds.
    private func saves(
        _ schedule: SaveSchedule, steps: Int, seconds: Double = 1, cost: Double = 0
    ) -> (steps: [Int], spent: Double, total: Double) {
        var history = SaveHistory()
        var time = 0.0
        var saved: [Int] = []
        for step in 1...steps {
            time += seconds
            guard schedule.isDue(step: step, seconds: time, after: history) else { continue }
            time += cost
            history.note(step: step, at: time, duration: cost)
            saved.append(step)
        }
        return (saved, history.spent, time)
    }

    @Test func neverIsNever() {
        #expect(saves(.never, steps: 100).steps == [])
    }

    @Test func stepsCountFromTheLastSave() {
        #expect(saves(.steps(3), steps: 10).steps == [3, 6, 9])
        #expect(SaveSchedule.steps(3).isDue(step: 7, seconds: 0, after: SaveHistory(step: 5)) == false)
        #expect(SaveSchedule.steps(3).isDue(step: 8, seconds: 0, after: SaveHistory(step: 5)))
    }

    @Test func stepsThatMeanNeverAreReckonedWith() {
        #expect(!SaveSchedule.steps(.max).isDue(step: 7, seconds: 0, after: SaveHistory(step: 5)))
        #expect(!SaveSchedule.seconds(.greatestFiniteMagnitude).isDue(step: 7, seconds: 1e9, after: SaveHistory()))
    }

    @Test func secondsMustBeMoreThanAsked() {
        #expect(saves(.seconds(5), steps: 12, seconds: 1).steps == [6, 12])
        #expect(saves(.seconds(5), steps: 12, seconds: 2).steps == [3, 6, 9, 12])
        #expect(saves(.seconds(5), steps: 12, seconds: 5).steps == [2, 4, 6, 8, 10, 12])
    }

    @Test(arguments: [0.01, 0.02, 0.1, 0.5, 1])
    func aShareOfTheTimeIsKeptAndUsed(share: Double) {
        let run = saves(.fraction(share), steps: 10_000, seconds: 0.1, cost: 2)
        #expect(run.steps.first == 1)
        #expect(run.spent <= share * run.total)
        #expect(run.spent >= 0.9 * min(share * run.total, 2 * 10_000))
    }

    @Test func anOptimalScheduleKeepsDalysInterval() {
        // √(2·5·3600) = 189.7 s, which Daly's terms make 186.4.
        let run = saves(.optimal(mtbf: 3600), steps: 10_000, seconds: 1, cost: 5)
        #expect(run.steps.prefix(4) == [1, 188, 375, 562])
        #expect(zip(run.steps, run.steps.dropFirst()).allSatisfy { $1 - $0 == 187 })
    }

    @Test func anOptimalScheduleGoesByWhatSavesTakeOnAverage() {
        var history = SaveHistory()
        #expect(SaveSchedule.optimal(mtbf: 3600).isDue(step: 1, seconds: 1, after: history))
        history.note(step: 1, at: 10, duration: 9)
        history.note(step: 2, at: 20, duration: 1)
        #expect(!SaveSchedule.optimal(mtbf: 3600).isDue(step: 3, seconds: 206.3, after: history))
        #expect(SaveSchedule.optimal(mtbf: 3600).isDue(step: 3, seconds: 206.5, after: history))
    }

    @Test func aSaveThatCostsNothingIsMadeAfterEveryStep() {
        #expect(saves(.fraction(0.02), steps: 5, cost: 0).steps == [1, 2, 3, 4, 5])
        #expect(saves(.optimal(mtbf: 10), steps: 5, cost: 0).steps == [1, 2, 3, 4, 5])
    }
}
