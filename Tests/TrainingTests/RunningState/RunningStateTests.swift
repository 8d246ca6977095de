import Checkpoints
import CheckpointsTestKit
import Collectives
import CollectivesTestKit
import Datasets
import Execution
import Graphs
import Networks
import SystemPackage
import Tensors
import Testing

@testable import Runs
@testable import Training

/// A parameter that training moves without a gradient, such as the mean of what a layer has seen.
@Suite struct RunningStateTests {
    /// Each step moves a mean half the way to that of its samples: 0, then half of step 1, and so on.
    private static let expected: [Float] = {
        let rows = inputs.elements(of: Float.self)
        var mean: [Float] = [0, 0]
        for step in 0..<4 {
            for feature in 0..<2 {
                let sum = (0..<4).reduce(Float(0)) { $0 + rows[(step * 4 + $1) * 2 + feature] }
                mean[feature] = mean[feature] * 0.5 + sum / 4 * 0.5
            }
        }
        return mean
    }()

    @Test(arguments: [1, 2, 4]) func itIsThatOfAllSamplesOnEveryRank(ranks: Int) throws {
        let means = try ThreadWorld.run(ranks: ranks) { world in
            let network = Centred()
            try model(network, world).train(1, loader())
            return network.mean.tensor.elements(of: Float.self)
        }
        for mean in means {
            #expect(mean == means[0])
            #expect(zip(mean, Self.expected).allSatisfy { abs($0 - $1) < 1e-6 }, "\(mean), not \(Self.expected)")
        }
    }

    /// A mean over the ranks in the middle of the network: one rank takes it of all samples.
    @Test func theGradientOfAMeanOverRanksIsThatOfAllSamples() throws {
        let weights = try [1, 2, 4].map { ranks in
            try ThreadWorld.run(ranks: ranks) { world in
                let network = CentredByTheBatch()
                let optimizer = Momentum(network.trainableParameters, learningRate: 0.1, momentum: 0.9)
                try Model(network, lossFn: MSELoss(), optimizer: optimizer, world: world, seed: 1).train(2, loader())
                return network.parameters.flatMap { $0.tensor.elements(of: Float.self) }
            }
        }
        for ranks in weights {
            for others in ranks { #expect(zip(others, weights[0][0]).allSatisfy { abs($0 - $1) < 1e-5 }) }
        }
    }

    @Test func partsOfAStepMoveItEach() throws {
        let network = Centred()
        try model(network, accumulation: 2).train(1, loader())
        // Twice as many steps of half the samples.
        let mean = network.mean.tensor.elements(of: Float.self)
        #expect(mean.allSatisfy { $0 > 0 } && mean != Self.expected)
    }

    @Test func onlyTrainingMovesIt() throws {
        let network = Centred()
        let model = model(network)
        try model.train(1, loader())
        let mean = network.mean.tensor.elements(of: Float.self)
        _ = try model.eval(loader())
        let answer = try model.predict(Tensor(mean, shape: [1, 2]))
        #expect(network.mean.tensor.elements(of: Float.self) == mean)
        // An input that is the mean itself leaves the bias alone.
        #expect(answer.elements(of: Float.self) == network.dense.parameters[1].tensor.elements(of: Float.self))
    }

    @Test func itIsSavedUnderItsNameAndNoOptimizerHasIt() throws {
        let run = SavingRun()
        let network = Centred()
        let model = model(network)
        try model.train(1, loader(), callbacks: [run.checkpoint()])
        let name = try #require(run.names().last)
        let reader = try CheckpointFormats.open(run.disk.open(output.appending(name)))
        #expect(
            try reader.tensor("mean").elements(of: Float.self) == network.mean.tensor.elements(of: Float.self))
        #expect(model.optimizer?.trained.map(\.name) == ["dense.weight", "dense.bias"])
    }
}

private let inputs = Tensor((0..<32).map { Float($0 % 7) / 7 }, shape: [16, 2])

private func loader() throws -> DataLoader {
    try DataLoader(TensorDataset([("x", inputs), ("y", inputs)]), batchSize: 4)
}

private func model(
    _ network: Centred, _ world: any Communicator = SoloCommunicator(), accumulation: Int = 1
) -> Model {
    Model(
        network, lossFn: MSELoss(), optimizer: Momentum(network.trainableParameters, learningRate: 0.1, momentum: 0.9),
        metrics: ["mae": MAE()], world: world, backend: CPUBackend(), seed: 1,
        settings: TrainingSettings(
            placement: .replicated(rank: world.rank, of: world.size), accumulation: accumulation))
}

/// A dense layer on what the samples differ by from the mean of those before.
private final class Centred: Cell {
    let dense = Dense(2, 2)
    let mean = Parameter(shape: [2], initializer: .zeros, requiresGradient: false)

    func construct(_ x: Symbol) -> Symbol {
        let seen = x.trace.symbol(for: mean)
        let result = dense(x.addingBias(-seen, axis: 1))
        if x.trace.isTraining {
            let ofBatch = x.trace.meanOverRanks(x.sum(toAxis: 1) * (1 / Float(x.shape[0])))
            x.trace.assign(seen * 0.5 + ofBatch * 0.5, to: mean)
        }
        return result
    }
}

/// A dense layer less its mean over all samples of a step, which its gradient goes through.
private final class CentredByTheBatch: Cell {
    let dense = Dense(2, 2)
    let head = Dense(2, 2)

    func construct(_ x: Symbol) -> Symbol {
        let y = dense(x).tanh()
        let mean = x.trace.meanOverRanks(y.sum(toAxis: 1) * (1 / Float(x.shape[0])))
        return head(y.addingBias(-mean, axis: 1))
    }
}
