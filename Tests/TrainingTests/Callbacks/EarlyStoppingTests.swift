import Graphs
import Networks
import Tensors
import Testing

@testable import Runs
@testable import Training

struct EarlyStoppingTests {
    /// Training that gets worse from epoch to epoch, since its rate is far too high.
    @Test func theBestWeightsComeBack() throws {
        let model = smallModel(learningRate: 20.0)
        let lines = Lines()
        var weights: [[Float]] = []
        let stopping = try EarlyStopping(
            patience: 2, verbose: true, restoreBestWeights: true, output: lines.output)
        let recorder = LambdaCallback(onTrainEpochEnd: { _ in weights.append(model.weights) })
        let data = try smallLoader(steps: 3)
        try model.fit(10, data, data, callbacks: [recorder, stopping])
        #expect(stopping.stoppedEpoch == 3)
        #expect(weights.count == 3)
        #expect(model.weights == weights[0])
        #expect(model.weights != weights[2])
        #expect(
            lines.all == ["Restoring model weights from the end of the best epoch.", "Epoch 00003: early stopping"])
    }

    @Test func withoutBeingAskedToItLeavesTheWeightsAlone() throws {
        let model = smallModel(learningRate: 20.0)
        var weights: [Float] = []
        let recorder = LambdaCallback(onTrainEpochEnd: { _ in weights = model.weights })
        let data = try smallLoader(steps: 3)
        try model.fit(10, data, data, callbacks: [recorder, EarlyStopping(patience: 2) { _ in }])
        #expect(model.weights == weights)
    }

    @Test func aUsedMonitorBeginsAnew() throws {
        let stopping = try EarlyStopping(monitor: "loss", patience: 1) { _ in }
        for _ in 1...2 {
            try smallModel(learningRate: 20.0).train(10, smallLoader(steps: 3), callbacks: stopping)
            #expect(stopping.stoppedEpoch == 2)
        }
    }
}

extension Model {
    fileprivate var weights: [Float] { network.parameters.flatMap { $0.tensor.elements(of: Float.self) } }
}
