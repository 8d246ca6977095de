import ArgumentParser
import Lockstep
import RunsCommandLine

/// Learns the last column of a CSV file from the others.
@main
struct Regression: TrainingProgram {
    static let configuration = CommandConfiguration(abstract: "Learn the last column of a CSV file from the others.")

    @Option(help: "A CSV file: a line of names, then numbers.") var table = Table.shipped
    @Option(help: "Neurons of a layer.") var width = 32
    @Option(help: "Layers that add to what they are given.") var depth = 2

    func validate() throws {
        guard (1...4096).contains(width) else {
            throw ValidationError("--width is \(width); it must be from 1 to 4096")
        }
        guard (0...64).contains(depth) else { throw ValidationError("--depth is \(depth); it must be from 0 to 64") }
    }

    func makeTask(in setting: TaskSetting) throws -> TrainingTask {
        let table = try Table(contentsOf: FilePath(table), sharedBy: setting.world)
        let network = Regressor(features: table.featureCount, width: width, depth: depth)
        let batchSize = setting.batchSize ?? 16
        return TrainingTask(
            name: "Regression", network: network, loss: MSELoss(),
            optimizer: { steps in
                AdamW(network.trainableParameters, learningRate: .cosine(from: 1e-2, to: 1e-4, over: steps))
            },
            data: try DataLoader(
                table.trainingSamples, batchSize: batchSize, shuffle: true, workers: setting.workers),
            testData: try DataLoader(table.testSamples, batchSize: batchSize, dropsRemainder: false),
            epochs: 40, callbacks: [AverageLoss()])
    }
}
