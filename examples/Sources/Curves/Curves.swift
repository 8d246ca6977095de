import ArgumentParser
import Foundation
import Lockstep
import RunsCommandLine

/// Learns a sine.
@main
struct Curves: TrainingProgram {
    @Option(help: "Neurons of the hidden layer.") var hidden = 32

    func makeTask(in setting: TaskSetting) throws -> TrainingTask {
        let network = Curve(hidden)
        let x = (0..<512).map { Float($0) / 40 - 6.4 }
        let samples = TensorDataset([
            ("x", Tensor(x, shape: [x.count, 1])),
            ("y", Tensor(x.map { Float(sin(Double($0))) }, shape: [x.count, 1])),
        ])
        return TrainingTask(
            name: "Curves", network: network, loss: MSELoss(),
            optimizer: { steps in
                AdamW(network.trainableParameters, learningRate: .cosine(from: 0.01, to: 1e-4, over: steps))
            },
            data: try DataLoader(samples, batchSize: setting.batchSize ?? 32, shuffle: true))
    }
}

/// Two layers with a bend between them.
final class Curve: Cell {
    let enter: Dense
    let leave: Dense

    init(_ hidden: Int) {
        enter = Dense(1, hidden)
        leave = Dense(hidden, 1)
    }

    func construct(_ x: Symbol) -> Symbol { leave(enter(x).tanh()) }
}
