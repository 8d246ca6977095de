import Collectives
import CollectivesTestKit
import Networks
import Tensors
import Testing

@testable import Runs
@testable import Training

struct MonitorTests {
    @Test func argumentsOutOfRangeAreRefused() {
        #expect(throws: bad("LossMonitor", "perPrintTimes", "-1", "at least 0")) {
            _ = try LossMonitor(perPrintTimes: -1)
        }
        #expect(throws: bad("TimeMonitor", "dataSize", "0", "at least 1")) { _ = try TimeMonitor(dataSize: 0) }
        #expect(throws: bad("EarlyStopping", "patience", "-1", "at least 0")) { _ = try EarlyStopping(patience: -1) }
        #expect(throws: bad("EarlyStopping", "minDelta", "nan", "a finite number")) {
            _ = try EarlyStopping(minDelta: .nan)
        }
        for factor: Float in [0, 1, -0.5, 2] {
            #expect(throws: bad("ReduceLROnPlateau", "factor", "\(factor)", "above 0 and below 1")) {
                _ = try ReduceLROnPlateau(factor: factor)
            }
        }
        #expect(throws: bad("ReduceLROnPlateau", "cooldown", "-1", "at least 0")) {
            _ = try ReduceLROnPlateau(cooldown: -1)
        }
        #expect(throws: bad("ReduceLROnPlateau", "minLR", "-0.1", "a finite number of at least 0")) {
            _ = try ReduceLROnPlateau(minLR: -0.1)
        }
    }

    private func bad(_ monitor: String, _ name: String, _ value: String, _ allowed: String) -> MonitorError {
        .badArgument(monitor: monitor, name: name, value: value, allowed: allowed)
    }

    @Test func onlyRankZeroOfTheWorldSpeaks() throws {
        let lines = try ThreadWorld.run(ranks: 2) { world in
            let lines = Lines()
            let callbacks = [try LossMonitor(output: lines.output), try TimeMonitor(output: lines.output)]
            let data = try smallLoader(steps: 3)
            try smallModel(world: world).fit(1, data, data, callbacks: callbacks)
            return lines.all
        }
        // Three steps, the time of the validation, its result, the time of the epoch.
        #expect(lines.map(\.count) == [6, 0])
    }

    @Test func theTimeOfAValidationDoesNotCountForTraining() throws {
        let lines = Lines()
        let clock = ManualClock()
        let steps = LambdaCallback(
            onTrainStepBegin: { _ in clock.advance(by: 0.002) }, onEvalStepBegin: { _ in clock.advance(by: 1) })
        let monitor = try TimeMonitor(output: lines.output, now: clock.now)
        try smallModel().fit(1, smallLoader(steps: 3), smallLoader(steps: 2), callbacks: [monitor, steps])
        #expect(
            lines.all == [
                "Eval epoch time: 2000.000 ms, per step time: 1000.000 ms",
                "Train epoch time: 6.000 ms, per step time: 2.000 ms",
            ])
    }

    @Test func aLossThatIsNoNumberEndsTheRunOnAllRanks() throws {
        let outcomes = ThreadWorld.runCollecting(ranks: 2) { world in
            // Weights of 1e30, whose errors squared are infinite.
            let model = smallModel(world: world, learningRate: 1e30)
            try model.train(2, smallLoader(steps: 3), callbacks: [try LossMonitor { _ in }])
        }
        for outcome in outcomes {
            #expect(throws: RankFailure(rank: 0, reason: "\(MonitorError.notFinite(epoch: 1, step: 2))")) {
                try outcome.get()
            }
        }
    }
}
