import Checkpoints
import CheckpointsTestKit
import Collectives
import Datasets
import Graphs
import Networks
import SystemPackage
import Tensors
import Testing

@testable import Runs
@testable import Training

/// Parameters whose `requiresGradient` is false: in the network and in its files, and no work of training.
@Suite struct FreezingTests {
    @Test func frozenLayersStayAsTheyAre() throws {
        let network = Tower(frozen: 2)
        let model = model(network)
        let before = network.parameters.map { $0.tensor.elements(of: Float.self) }
        try model.train(2, data())
        let after = network.parameters.map { $0.tensor.elements(of: Float.self) }
        #expect(network.trainableParameters.map(\.name) == ["layers.2.weight", "layers.2.bias"])
        for (parameter, (old, new)) in zip(network.parameters, zip(before, after)) {
            #expect((old == new) != parameter.requiresGradient, "\(parameter.name)")
        }
    }

    @Test func optimizerLeavesOutWhatIsFrozen() {
        let network = Tower(frozen: 2)
        let optimizer = Momentum(network.parameters, learningRate: 0.1, momentum: 0.9)
        #expect(optimizer.trained.map(\.name) == ["layers.2.weight", "layers.2.bias"])
        #expect(optimizer.state.filter { $0.name.hasPrefix("moments.") }.count == 2)
    }

    /// Below the lowest layer that is trained nothing goes back, and beside a frozen weight no gradient of it is made.
    @Test func frozenLayersCostNoGradient() throws {
        // Forward three products; backward two for each layer that is trained, of which the lowest needs no gradient of its
        // input, and one for each frozen layer above.
        #expect(try products(Tower(frozen: 0)) == 3 + 5)
        #expect(try products(Tower(frozen: 1)) == 3 + 3)
        #expect(try products(Tower(frozen: 2)) == 3 + 1)
        let lowest = Tower(frozen: 0)
        for parameter in lowest.layers[1].parameters + lowest.layers[2].parameters {
            parameter.requiresGradient = false
        }
        #expect(try products(lowest) == 3 + 3)
    }

    @Test func frozenParametersAreSavedAndLoaded() throws {
        let run = SavingRun()
        let network = Tower(frozen: 2)
        try model(network).train(1, data(), callbacks: [run.checkpoint()])
        let name = try #require(run.names().last)
        let reader = try CheckpointFormats.open(run.disk.open(output.appending(name)))
        for parameter in network.parameters {
            let saved = try reader.tensor(parameter.name).elements(of: Float.self)
            #expect(saved == parameter.tensor.elements(of: Float.self), "\(parameter.name)")
        }
        #expect(!reader.entries.contains { $0.name.hasPrefix("moments.layers.0") })
    }

    @Test func freezingAfterTheOptimizerIsRefused() async {
        let result = await #expect(processExitsWith: .exitCode(78), observing: [\.standardErrorContent]) {
            let network = Tower(frozen: 0)
            let model = model(network)
            network.layers[0].weight.requiresGradient = false
            try model.train(1, data())
        }
        let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(text.contains("error: layers.0.weight was frozen after the optimizer was made"), "\(text)")
    }

    @Test func optimizerOfNothingButFrozenParametersIsRefused() async {
        let result = await #expect(processExitsWith: .exitCode(78), observing: [\.standardErrorContent]) {
            _ = Momentum(Tower(frozen: 3).parameters, learningRate: 0.1, momentum: 0.9)
        }
        let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(text.contains("all 6 that it was given are frozen by requiresGradient = false"), "\(text)")
    }

    /// The matrix products of a step.
    private func products(_ network: Tower) throws -> Int {
        let optimizer = SGD(network.parameters, learningRate: 0.1)
        let step = TrainingStep(network, MSELoss(), optimizer, TrainingSettings())
        let graph = step.graph(for: try data(), rows: 4, cursor: StepCursor(seed: 1))
        return graph.nodes.count { $0.operation.name == "matrixMultiply" }
    }
}

private func model(_ network: Tower) -> Model {
    Model(
        network, lossFn: MSELoss(),
        optimizer: Momentum(network.trainableParameters, learningRate: 0.1, momentum: 0.9))
}

private func data() throws -> DataLoader {
    let numbers = Tensor((0..<24).map { Float($0 % 7) / 7 }, shape: [8, 3])
    return try DataLoader(TensorDataset([("x", numbers), ("y", numbers)]), batchSize: 4)
}

/// Three layers, of which the lowest ones are frozen.
private final class Tower: Cell {
    let layers = [Dense(3, 3), Dense(3, 3), Dense(3, 3)]

    init(frozen: Int) {
        for parameter in layers.prefix(frozen).flatMap(\.parameters) { parameter.requiresGradient = false }
    }

    func construct(_ x: Symbol) -> Symbol { layers.reduce(x) { $1($0) } }
}
