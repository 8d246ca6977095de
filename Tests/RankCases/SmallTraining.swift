import Collectives
import Datasets
import Graphs
import Networks
import Tensors
import Training

/// A dense layer: the least that can be trained.
private final class SmallNetwork: Cell {
    let dense: Dense

    init(outputs: Int) {
        dense = Dense(2, outputs)
    }

    func construct(_ x: Symbol) -> Symbol { dense(x) }
}

/// Two epochs of two steps of a small network, for up to eight ranks.
struct SmallTraining {
    private let model: Model
    private let data: DataLoader

    init(on world: any Communicator, outputs: Int = 2) throws {
        let network = SmallNetwork(outputs: outputs)
        model = Model(
            network, lossFn: MSELoss(),
            optimizer: Momentum(network.parameters, learningRate: 0.1, momentum: 0.9), world: world)
        let inputs = Tensor((0..<32).map { Float($0 % 7) }, shape: [16, 2])
        let labels = Tensor((0..<16 * outputs).map { Float($0 % 5) }, shape: [16, outputs])
        data = try DataLoader(TensorDataset([("x", inputs), ("y", labels)]), batchSize: 8)
    }

    func run(_ callbacks: Callback...) throws {
        try model.train(2, data, callbacks: callbacks)
    }
}
