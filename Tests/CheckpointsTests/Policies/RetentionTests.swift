import Checkpoints
import Testing

struct RetentionTests {
    /// What stays of sets that are saved one after the other, each `seconds` after the last.
    private func kept(_ retention: Retention, _ values: [Double], seconds: Double = 1) -> [Int] {
        var sets: [KeptSet] = []
        for (index, value) in values.enumerated() {
            let time = seconds * Double(index + 1)
            sets.append(KeptSet(name: "a-\(index + 1)", step: index + 1, time: time, metrics: ["loss": value]))
            let removable = Set(retention.removable(of: sets, now: time))
            sets.removeAll(where: removable.contains)
        }
        return sets.map(\.step)
    }

    private let losses: [Double] = [9, 3, 5, 1, 1, 8, 2, 7]

    @Test func withoutRulesEverythingStays() {
        #expect(kept(.everything, losses) == Array(1...8))
    }

    @Test func theLatestStay() {
        #expect(kept([.latest(1)], losses) == [8])
        #expect(kept([.latest(3)], losses) == [6, 7, 8])
        #expect(kept([.latest(30)], losses) == Array(1...8))
    }

    @Test func everyKthStaysForEver() {
        #expect(kept([.everySteps(3)], losses) == [3, 6, 8])
    }

    @Test func theBestStayAndTheNewest() {
        #expect(kept([.best(1, of: "loss", .lowest)], losses) == [4, 8])
        #expect(kept([.best(2, of: "loss", .lowest)], losses) == [4, 5, 8])
        #expect(kept([.best(2, of: "loss", .highest)], losses) == [1, 6, 8])
        #expect(kept([.best(1, of: "accuracy", .highest)], losses) == [8])
    }

    @Test func whatIsNoNumberIsNeverTheBest() {
        #expect(kept([.best(1, of: "loss", .lowest)], [.nan, 3, .nan]) == [2, 3])
    }

    /// A run whose loss is NaN goes on saving.
    @Test func setsOfNoNumbersPushOutNoGoodOnes() {
        let sets = (1...6).map { KeptSet(name: "a-\($0)", step: $0, time: Double($0), isFinite: $0 < 4) }
        #expect(Retention([.latest(2)]).removable(of: sets, now: 6).map(\.step) == [1, 4])
    }

    @Test func whatAnyRuleWantsStays() {
        #expect(kept([.latest(2), .everySteps(3), .best(1, of: "loss", .lowest)], losses) == [3, 4, 6, 7, 8])
    }

    @Test func theOrderOfTheListDoesNotMatter() {
        let sets = [3, 1, 2].map { KeptSet(name: "a-\($0)", step: $0, time: Double($0)) }
        #expect(Retention([.latest(1)]).removable(of: sets, now: 3).map(\.step) == [1, 2])
    }

    /// The numbers of `checkpoint_names.json`: one checkpoint in a minute, saved every 20 and every 30 seconds.
    @Test func inSoManyMinutesOneStays() {
        #expect(kept([.onePerMinutes(1)], losses, seconds: 20) == [1, 3, 5, 7, 8])
        #expect(kept([.onePerMinutes(1)], losses, seconds: 30) == Array(1...8))
        #expect(kept([.onePerMinutes(2)], losses, seconds: 30) == [1, 4, 7, 8])
    }

    @Test func numbersThatMeanForEverAreReckonedWith() {
        #expect(kept([.onePerMinutes(.max)], losses) == [1, 8])
        #expect(kept([.latest(.max)], losses) == Array(1...8))
        #expect(kept([.everySteps(.max)], losses) == [8])
    }

    @Test func aRuleThatKeepsNothingIsAMistake() async {
        await #expect(processExitsWith: .failure) { _ = Retention([.latest(0)]) }
    }
}
