import Graphs
import Networks
import Tensors
import Testing

@testable import Runs
@testable import Training

struct LearningRateTests {
    @Test func aRateThatACallbackSetsIsTheRateOfTheStepsAfter() throws {
        // Halving by callback after step 2 must train exactly as a schedule that halves at step 3.
        let scheduler = LearningRateScheduler { rate, step in step == 2 ? rate / 2 : rate }
        let changed = try trained(smallModel(learningRate: 0.1), epochs: 2, callbacks: [scheduler])
        let scheduled = try trained(smallModel(learningRate: LearningRate { $0 > 2 ? 0.05 : 0.1 }), epochs: 2)
        let constant = try trained(smallModel(learningRate: 0.1), epochs: 2)
        #expect(changed == scheduled)
        #expect(changed != constant)
    }

    @Test func aLoweredRateIsSavedWithTheState() throws {
        // What a checkpoint holds, moved to a new model, trains on as the old one does.
        let whole = smallModel(learningRate: 0.1)
        _ = try trained(whole, epochs: 1, callbacks: [LearningRateScheduler { rate, _ in rate * 0.9 }])
        let resumed = smallModel(learningRate: 0.1)
        for (target, source) in zip(state(of: resumed), state(of: whole)) {
            #expect(target.name == source.name)
            target.tensor.copy(from: source.tensor)
        }
        #expect(try trained(resumed, epochs: 1) == trained(whole, epochs: 1))
    }

    @Test func aPlateauLowersTheRateInATraining() throws {
        let model = smallModel(learningRate: 0.5)
        // No value improves by a million, so after the first each epoch halves the rate.
        let plateau = try ReduceLROnPlateau(monitor: "loss", factor: 0.5, patience: 1, minDelta: 1e6) { _ in }
        _ = try trained(model, epochs: 3, callbacks: [plateau])
        #expect(model.optimizer?.learningRate.tensor.elements(of: Float.self) == [0.125])
    }

    @Test func aRateThatFollowsAScheduleIsNotForCallbacks() throws {
        let model = smallModel(learningRate: LearningRate { 0.1 / Float($0) })
        let monitors: [(String, Callback)] = [
            ("ReduceLROnPlateau", try ReduceLROnPlateau()),
            ("LearningRateScheduler", LearningRateScheduler { rate, _ in rate }),
        ]
        for (name, monitor) in monitors {
            #expect(throws: MonitorError.scheduledLearningRate(monitor: name)) {
                try model.train(1, smallLoader(steps: 1), callbacks: monitor)
            }
        }
    }

    private func state(of model: Model) -> [Parameter] { model.network.parameters + (model.optimizer?.state ?? []) }

    /// Trains and returns the weights.
    private func trained(_ model: Model, epochs: Int, callbacks: [Callback] = []) throws -> [Float] {
        try model.train(epochs, smallLoader(steps: 3), callbacks: callbacks)
        return model.network.parameters.flatMap { $0.tensor.elements(of: Float.self) }
    }
}
