import Collectives
import CollectivesTestKit
import Datasets
import Graphs
import Networks
import Tensors
import Testing
import Training

/// `Model.predict`, after training, for networks of one's own and for such as ranks share.
@Suite struct PredictTests {
    /// y = 3 x − 1, learned and then asked for.
    @Test func trainedNetworkSaysWhatItHasLearned() throws {
        let x = (0..<16).map { Float($0) / 8 - 1 }
        let data = TensorDataset([
            ("x", Tensor(x, shape: [16, 1])), ("y", Tensor(x.map { 3 * $0 - 1 }, shape: [16, 1])),
        ])
        let network = Dense(1, 1)
        let model = Model(
            network, lossFn: MSELoss(),
            optimizer: Momentum(network.trainableParameters, learningRate: 0.2, momentum: 0.5))
        let before = try model.predict(Tensor([0.5] as [Float], shape: [1, 1])).elements(of: Float.self)
        try model.train(60, DataLoader(data, batchSize: 16))
        let result = try model.predict(Tensor([0.5, -1, 2] as [Float], shape: [3, 1]))
        #expect(result.shape == [3, 1])
        let expected: [Float] = [0.5, -4, 5]
        for (actual, expected) in zip(result.elements(of: Float.self), expected) {
            #expect(abs(actual - expected) < 1e-3)
        }
        #expect(abs(before[0] - 0.5) > 1e-3, "it had to learn that")
    }

    @Test func resultsStayWhenMoreIsPredicted() throws {
        let model = Model(Dense(2, 3), lossFn: MSELoss())
        let first = try model.predict(Tensor([1, 2] as [Float], shape: [1, 2]))
        let kept = first.elements(of: Float.self)
        let second = try model.predict(Tensor([3, 4] as [Float], shape: [1, 2]))
        #expect(first.elements(of: Float.self) == kept)
        #expect(second.elements(of: Float.self) != kept)
        #expect(try model.predict(Tensor(zeros: [5, 2])).shape == [5, 3])
    }

    @Test func nothingIsDropped() throws {
        let network = Dropping()
        let model = Model(
            network, lossFn: MSELoss(), optimizer: SGD(network.trainableParameters, learningRate: 0.1))
        let input = Tensor([Float](repeating: 1, count: 64), shape: [1, 64])
        try model.train(1, DataLoader(TensorDataset([("x", input), ("y", input)]), batchSize: 1))
        #expect(try model.predict(input).elements(of: Float.self) == network.shift.values.map { 1 + $0 })
        #expect(Set(network.shift.values).count == 2, "training dropped some")
    }

    @Test(arguments: [
        TensorType(.scalar), TensorType([0, 2]), TensorType([1, 2], .float64), TensorType([3, 2], .uint8),
    ])
    func inputThatNoNetworkTakesIsRefused(type: TensorType) {
        let model = Model(Dense(2, 3), lossFn: MSELoss())
        #expect(throws: ModelError.badInput(type)) {
            try model.predict(Tensor(zeros: type.shape, elementType: type.elementType))
        }
    }

    @Test func inputOfAnotherWidthIsNamedWithTheLayer() async {
        let result = await #expect(processExitsWith: .exitCode(78), observing: [\.standardErrorContent]) {
            _ = try Model(Dense(2, 3), lossFn: MSELoss()).predict(Tensor(zeros: [1, 5]))
        }
        let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(text.contains("error: Dense: ") && text.contains("Float32[1, 5]"), "\(text)")
    }

    /// Logits are shared by columns; everybody gets them all, and they are those of one rank.
    @Test(arguments: [(1, 2), (2, 2), (1, 4)]) func ranksThatShareANetworkGetTheWholeResult(dp: Int, tp: Int) throws {
        let tokens = Tensor((0..<16).map { Int32($0 * 3 % 32) }, shape: [2, 8])
        let expected = try SmallGPT().model(dp: 1, tp: 1, on: SoloCommunicator()).predict(tokens)
        #expect(expected.shape == [16, 32])
        let all = try ThreadWorld.run(ranks: dp * tp) { world in
            try SmallGPT().model(dp: dp, tp: tp, on: world).predict(tokens).elements(of: Float.self)
        }
        for logits in all {
            #expect(logits.count == 16 * 32)
            let largest = zip(logits, expected.elements(of: Float.self)).map { abs($0 - $1) }.max()
            #expect(try #require(largest) < 1e-5)
        }
    }

    /// A rank that is alone with its question waits for nobody.
    @Test func oneRankAlonePredicts() throws {
        let shapes = try ThreadWorld.run(ranks: 2) { world in
            let model = Model(Dense(2, 3), lossFn: MSELoss(), world: world)
            return world.rank == 1 ? try model.predict(Tensor(zeros: [4, 2])).shape : [0]
        }
        #expect(shapes == [[0], [4, 3]])
    }
}

/// Drops half of what it is given, and adds a number.
private final class Dropping: Cell {
    let shift = Parameter(shape: [64], initializer: .zeros)

    func construct(_ x: Symbol) -> Symbol {
        x.dropped(0.5, stream: 0).addingBias(x.trace.symbol(for: shift), axis: 1)
    }
}

extension Parameter {
    fileprivate var values: [Float] { tensor.elements(of: Float.self) }
}
