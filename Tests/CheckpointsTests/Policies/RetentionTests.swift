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

    /// "é" as one code point, and as an e with an accent behind it, are two sets.
    @Test func setsAreToldApartByTheBytesOfTheirNames() {
        let sets = ["\u{E9}", "e\u{301}"].enumerated().map { KeptSet(name: $1, step: $0 + 1, time: Double($0)) }
        #expect(Retention([.latest(1)]).removable(of: sets, now: 9).map(\.step) == [1])
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

    /// Five sets; the run went back to the second, and has saved two since.
    private func branched(_ retention: Retention, now: Double = 8, times: [Double]? = nil) -> [String] {
        let steps = [10, 20, 30, 40, 50, 22, 24]
        let losses: [Double] = [9, 8, 1, 3, 4, 7, 6]
        let sets = steps.indices.map { index in
            KeptSet(
                name: "a-\(steps[index])", step: steps[index], time: times?[index] ?? Double(index + 1),
                metrics: ["loss": losses[index]], generation: index + 1, isOnBranch: !(2...4).contains(index))
        }
        let removable = Set(retention.removable(of: sets, now: now).map(\.name))
        return sets.map(\.name).filter { !removable.contains($0) }
    }

    @Test func setsThatARunHasGoneBackBehindMakeRoomFirst() {
        #expect(branched([.latest(1)]) == ["a-24"])
        #expect(branched([.latest(4)]) == ["a-10", "a-20", "a-22", "a-24"])
        #expect(branched([.latest(5)]) == ["a-10", "a-20", "a-50", "a-22", "a-24"])
    }

    /// That of all, and that of the branch, whose numbers may be the only ones that can be compared.
    @Test func theBestOfABranchThatWasLeftStaysBesideThatOfTheOther() {
        #expect(branched([.best(1, of: "loss", .lowest)]) == ["a-30", "a-24"])
        #expect(branched([.best(1, of: "loss", .highest)]) == ["a-10", "a-24"])
        #expect(branched([.everySteps(20)]) == ["a-20", "a-40", "a-24"])
    }

    @Test func aClockThatWasFastDoesNotMakeLaterSetsYoung() {
        // Saved every half minute; the first three by a clock that was two hours fast.
        let sets = (0..<7).map { index in
            let time = 30 * Double(index) + (index < 3 ? 7200 : 0)
            return KeptSet(name: "a-\(index)", step: index, time: time, generation: index + 1)
        }
        let removable = Retention([.onePerMinutes(1)]).removable(of: sets, now: 180).map(\.step)
        // Those whose time is not known count as old as the first that is, and the fifth is the first of the last minute.
        #expect(removable == [])
        let later = Retention([.onePerMinutes(3)]).removable(of: sets, now: 200).map(\.step)
        #expect(later == [1, 2, 3, 4, 5])
    }

    @Test func rulesComeBackFromAManifest() {
        let rules: Retention = [.latest(3), .onePerMinutes(7), .everySteps(10), .best(2, of: "accuracy", .highest)]
        let set = CheckpointSet(
            name: "a",
            progress: TrainingProgress(
                epoch: 1, stepInEpoch: 1, stepsPerEpoch: 1, step: 1, globalBatch: 1, sampleCount: 1, seed: 1,
                finished: false), cause: SaveCause("a test"), mesh: [], model: "M", retention: rules)
        #expect(Retention(recorded: set.retention ?? []) == rules)
    }

    @Test func aRuleThatKeepsNothingIsAMistake() async {
        await #expect(processExitsWith: .failure) { _ = Retention([.latest(0)]) }
    }
}
