import ArgumentParser
import Foundation
import Lockstep
import RunsCommandLine

/// Learns a wave on a slope by an operation and an optimizer of its own.
@main
struct Waves: TrainingProgram {
    static let configuration = CommandConfiguration(abstract: "Learn a wave on a slope.")

    @Option(help: "Radians at which the activation swings.") var frequency: Float = 1

    func validate() throws {
        guard frequency > 0, frequency <= 100 else {
            throw ValidationError("--frequency is \(frequency); it must be above 0, and 100 at most")
        }
    }

    func makeTask(in setting: TaskSetting) throws -> TrainingTask {
        let network = SequentialCell(
            Dense(1, 32), SnakeLayer(frequency: frequency), Dense(32, 32), SnakeLayer(frequency: frequency),
            Dense(32, 1))
        return TrainingTask(
            name: "Waves", network: network, loss: MSELoss(),
            optimizer: { steps in
                RootMeanSquare(network.trainableParameters, learningRate: .cosine(from: 0.003, to: 1e-5, over: steps))
            },
            data: try DataLoader(
                Self.samples(from: -6, to: 6, count: 1024), batchSize: setting.batchSize ?? 32, shuffle: true),
            testData: try DataLoader(
                Self.samples(from: -5.9, to: 5.9, count: 125), batchSize: 32, dropsRemainder: false),
            metrics: ["mae": MAE()], epochs: 30)
    }

    private static func samples(from first: Double, to last: Double, count: Int) -> TensorDataset {
        let x = (0..<count).map { first + (last - first) * Double($0) / Double(count) }
        return TensorDataset([
            ("x", Tensor(x.map { Float($0) }, shape: [count, 1])),
            ("y", Tensor(x.map { Float($0 / 4 + sin(2 * $0)) }, shape: [count, 1])),
        ])
    }
}
