import CheckpointsTestKit
import Datasets
import Graphs
import MindIR
import Networks
import Runs
import SystemPackage
import Tensors
import Testing

@testable import Training

/// Networks of several inputs and outputs.
@Suite struct BranchedCellTests {
    @Test func allInputsOutputsAndLabelsTakePart() throws {
        let (network, metric) = (TwoByTwo(), Seen())
        let model = model(network, ["seen": metric])
        let before = try #require(try model.eval(loader())["seen"])
        try model.train(60, loader())
        #expect(network.parameters.map(\.name) == ["left.weight", "left.bias", "right.weight", "right.bias"])
        #expect(metric.counts == [2, 2])
        let after = try #require(try model.eval(loader())["seen"])
        #expect(after < before / 10)
    }

    @Test func predictionsHaveAllOutputs() throws {
        let network = TwoByTwo()
        let model = model(network)
        let x = Tensor([1, 2, 3, 4] as [Float], shape: [2, 2])
        let zeros = Tensor(zeros: [2, 1])
        let answers = try model.predict([x, zeros])
        #expect(answers.map(\.shape) == [[2, 1], [2, 1]])
        // The second input is 0, and so is the bias of the layer that it goes into.
        let bias = network.right.parameters[1].tensor.elements(of: Float.self)
        #expect(answers[1].elements(of: Float.self) == bias + bias)
        #expect(answers[0].elements(of: Float.self) == (try model.predict([x, zeros]))[0].elements(of: Float.self))
    }

    @Test func networkIsExportedWithAllInputsAndOutputs() throws {
        let columns = try loader().dataset.columns
        let network = TwoByTwo()
        for parameter in network.parameters { parameter.initialize(seed: 1) }
        let model = try MindIRModel(of: network, columns: columns)
        let withLoss = try MindIRModel(of: network, lossFn: BothErrors(), columns: columns)
        #expect(try inputs(of: model) == ["x", "z"])
        #expect(try inputs(of: withLoss) == ["x", "z", "a", "b"])
    }

    private func inputs(of model: MindIRModel) throws -> [String] {
        let file = MemoryFile()
        try model.files(named: "memory")[0].write(to: file)
        return try MindIRReader("memory.mindir") { MemoryReadableFile(file.bytes, path: $0) }.inputs.map(\.name)
    }

    @Test func wrongNumberOfColumnsIsRefused() async {
        let result = await #expect(processExitsWith: .exitCode(78), observing: [\.standardErrorContent]) {
            let data = try DataLoader(TensorDataset([("x", x), ("z", z)]), batchSize: 4)
            try model(TwoByTwo()).train(1, data)
        }
        expect(result, says: "TwoByTwo needs samples of 2 inputs and at least one label, not of 2 columns")
    }

    @Test func wrongNumberOfInputsIsRefused() async {
        let result = await #expect(processExitsWith: .exitCode(78), observing: [\.standardErrorContent]) {
            _ = try model(TwoByTwo()).predict(x)
        }
        expect(result, says: "TwoByTwo takes 2 inputs by its inputCount, not 1")
    }

    @Test func lossOfOneOutputRefusesTwo() async {
        let result = await #expect(processExitsWith: .exitCode(78), observing: [\.standardErrorContent]) {
            let network = TwoByTwo()
            let optimizer = SGD(network.parameters, learningRate: 0.1)
            try Model(network, lossFn: MSELoss(), optimizer: optimizer).train(1, loader())
        }
        expect(result, says: "MSELoss compares an output with a label, not 2 with 2")
    }

    private func expect(_ result: ExitTest.Result?, says sentence: String) {
        let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(text.contains(sentence), "\(text)")
    }
}

private let x = Tensor((0..<32).map { Float($0 % 7) / 7 }, shape: [16, 2])
private let z = Tensor((0..<16).map { Float($0 % 5) / 5 }, shape: [16, 1])

/// a = x₀ + x₁ and b = 2 z.
private func loader() throws -> DataLoader {
    let rows = x.elements(of: Float.self)
    let a = Tensor((0..<16).map { rows[2 * $0] + rows[2 * $0 + 1] }, shape: [16, 1])
    let b = Tensor(z.elements(of: Float.self).map { 2 * $0 }, shape: [16, 1])
    return try DataLoader(TensorDataset([("x", x), ("z", z), ("a", a), ("b", b)]), batchSize: 4)
}

private func model(_ network: TwoByTwo, _ metrics: [String: any Metric] = [:]) -> Model {
    Model(
        network, lossFn: BothErrors(), optimizer: Momentum(network.parameters, learningRate: 0.1, momentum: 0.9),
        metrics: metrics)
}

/// Two inputs, each through a layer of its own to an output of its own.
private final class TwoByTwo: BranchedCell {
    let inputCount = 2
    let left = Dense(2, 1)
    let right = Dense(1, 1)

    func construct(_ inputs: [Symbol]) -> [Symbol] { [left(inputs[0]), right(inputs[1])] }
}

private final class BothErrors: Loss {
    func construct(_ logits: Symbol, _ labels: Symbol) -> Symbol { (logits - labels).square().mean() }

    func construct(_ outputs: [Symbol], _ labels: [Symbol]) -> Symbol {
        construct(outputs[0], labels[0]) + construct(outputs[1], labels[1])
    }
}

/// The mean square of the second output's errors, and how many outputs and labels there were.
private final class Seen: Metric {
    var totals: [Double] = [0, 0]
    private(set) var counts: [Int] = []

    func clear() { totals = [0, 0] }

    func update(_ outputs: EvaluationOutputs) {
        counts = [outputs.outputs.count, outputs.targets.count]
        let pairs = zip(outputs.outputs[1].elements(of: Float.self), outputs.targets[1].elements(of: Float.self))
        totals[0] += pairs.reduce(0) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) }
        totals[1] += Double(outputs.rows)
    }

    func eval() -> Double { totals[0] / totals[1] }
}
