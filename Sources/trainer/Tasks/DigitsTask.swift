import Foundation
import Lockstep
import RunsCommandLine
import SystemPackage

extension Trainer {
    /// LeNet-5 on images of digits.
    func digitsTask(in setting: TaskSetting) throws -> TrainingTask {
        let network = LeNet5()
        let batchSize = setting.batchSize ?? 32
        return TrainingTask(
            name: "LeNet5", network: network, loss: SoftmaxCrossEntropyWithLogits(sparse: true),
            optimizer: { steps in momentumOptimizer(of: network, rate: 0.03, weightDecay: 0, steps: steps) },
            data: try digits(train: true, in: setting) {
                try DataLoader($0, batchSize: batchSize, shuffle: true, workers: setting.workers)
            },
            testData: try digits(train: false, in: setting) {
                try DataLoader($0, batchSize: batchSize, dropsRemainder: false)
            },
            metrics: ["accuracy": Accuracy(), "loss": LossMetric()], epochs: 20, describe: Self.describeDigits)
    }

    /// As in "accuracy 98.3 % on 360 test samples, loss 0.0712".
    static func describeDigits(_ results: [String: Double], samples: Int) -> String {
        String(
            format: "accuracy %.1f %% on %d test samples, loss %.4f", 100 * (results["accuracy"] ?? 0), samples,
            results["loss"] ?? 0)
    }

    private func digits(
        train: Bool, in setting: TaskSetting, _ load: (ImageDataset) throws -> DataLoader
    ) throws -> DataLoader {
        let images =
            try model.data.map { try MNIST.load(directory: FilePath(text: $0), train: train, sharedBy: setting.world) }
            ?? (train ? Digits.train : Digits.test)
        return try setting.world.together { try load(images) }
    }
}
