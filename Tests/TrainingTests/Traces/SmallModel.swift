import Collectives
import Datasets
import Graphs
import Networks
import Runs
import Tensors
import Training

/// A dense layer from 2 to 2: the least that can be trained.
final class SmallNetwork: Cell {
    let dense = Dense(2, 2)

    func construct(_ x: Symbol) -> Symbol { dense(x) }
}

/// A small network with loss, optimizer and one metric, "mae".
func smallModel(
    world: any Communicator = SoloCommunicator(), learningRate: LearningRate = 0.1, hasMetrics: Bool = true
) -> Model {
    let network = SmallNetwork()
    return Model(
        network, lossFn: MSELoss(),
        optimizer: Momentum(network.parameters, learningRate: learningRate, momentum: 0.9),
        metrics: hasMetrics ? ["mae": MAE()] : [:], world: world)
}

/// Samples for so many steps.
func smallLoader(steps: Int, batchSize: Int = 2) throws -> DataLoader {
    let rows = steps * batchSize
    let inputs = Tensor((0..<rows * 2).map { Float($0 % 7) / 7 }, shape: [rows, 2])
    let labels = Tensor((0..<rows * 2).map { Float($0 % 5) / 5 }, shape: [rows, 2])
    return try DataLoader(TensorDataset([("x", inputs), ("y", labels)]), batchSize: batchSize)
}
