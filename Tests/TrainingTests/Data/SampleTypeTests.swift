import Datasets
import Graphs
import Models
import Networks
import Tensors
import Testing

@testable import Training

/// One model and samples of several shapes: each has a program of its own.
struct SampleTypeTests {
    /// So many sequences of so many tokens.
    private func loader(length: Int) throws -> DataLoader {
        let numbers = (0..<Int32(8 * length)).map { ($0 * 7 + Int32(length)) % 31 }
        let tokens = Tensor(numbers, shape: [8, length])
        return try DataLoader(TensorDataset([("tokens", tokens), ("next", tokens)]), batchSize: 4)
    }

    private func model() -> Model {
        let network = AnyLength()
        return Model(
            network, lossFn: GPTLoss(),
            optimizer: Momentum(network.trainableParameters, learningRate: 0.1, momentum: 0.9),
            metrics: ["loss": LossMetric()])
    }

    @Test func evaluationsOfOtherShapesDoNotShareAProgram() throws {
        let model = model()
        for length in [8, 4, 8, 6] {
            #expect(try model.eval(loader(length: length)) == self.model().eval(loader(length: length)))
        }
    }

    @Test func trainingsOfOtherShapesDoNotShareAProgram() throws {
        let model = model()
        let shapes = Shapes()
        for (epochs, length) in [(1, 8), (2, 4), (3, 8)] {
            try model.train(epochs, loader(length: length), callbacks: [shapes], initialEpoch: epochs - 1)
        }
        #expect(shapes.seen == [[4, 8], [4, 8], [4, 4], [4, 4], [4, 8], [4, 8]])
    }
}

/// Foresees a token from the one before it.
private final class AnyLength: Cell {
    let tokens = Embedding(32, 8)
    let head = Dense(8, 32)

    func construct(_ x: Symbol) -> Symbol { head(tokens(x).reshaped(to: [x.shape.elementCount, 8])) }
}

private final class Shapes: Callback {
    var seen: [[Int]] = []

    override func onTrainStepEnd(_ runContext: RunContext) {
        seen.append(runContext.originalArgs().trainDatasetElement?[0].shape.dimensions ?? [])
    }
}
