import Foundation
import Lockstep
import RunsCommandLine

extension Trainer {
    /// A U-Net that finds discs and squares in noise.
    func segmentationTask(in setting: TaskSetting) throws -> TrainingTask {
        let network = UNet(channels: 1, classes: FigureDataset.classes)
        let batchSize = setting.batchSize ?? 16
        return TrainingTask(
            name: "UNet", network: network, loss: CrossEntropyLoss(),
            optimizer: { steps in momentumOptimizer(of: network, rate: 0.05, weightDecay: 0, steps: steps) },
            data: try setting.world.together {
                try DataLoader(FigureDataset.train, batchSize: batchSize, shuffle: true, workers: setting.workers)
            },
            testData: try setting.world.together {
                try DataLoader(FigureDataset.test, batchSize: batchSize, dropsRemainder: false)
            },
            metrics: ["accuracy": Accuracy(), "loss": LossMetric()], epochs: 20,
            describe: { results, samples in
                String(
                    format: "accuracy %.2f %% on the pixels of %d test samples, loss %.4f",
                    100 * (results["accuracy"] ?? 0), samples, results["loss"] ?? 0)
            })
    }
}
