import Lockstep
import RunsCommandLine
import SystemPackage

extension Trainer {
    /// A residual network on the digits that the program has in itself, or on CIFAR-10's pictures.
    func residualTask(_ depth: ResNet.Depth, in setting: TaskSetting) throws -> TrainingTask {
        let network = ResNet(depth, classes: 10, channels: model.data == nil ? 1 : 3, stem: .small)
        let batchSize = setting.batchSize ?? 32
        return TrainingTask(
            name: "ResNet\(depth.rawValue)", network: network, loss: SoftmaxCrossEntropyWithLogits(sparse: true),
            optimizer: { steps in residualOptimizer(of: network, steps: steps) },
            data: try pictures(train: true, in: setting) {
                try DataLoader($0, batchSize: batchSize, shuffle: true, workers: setting.workers)
            },
            testData: try pictures(train: false, in: setting) {
                try DataLoader($0, batchSize: batchSize, dropsRemainder: false)
            },
            metrics: ["accuracy": Accuracy(), "loss": LossMetric()], epochs: 10, describe: Self.describeDigits)
    }

    private func residualOptimizer(of network: any Cell, steps: Int) -> Optimizer {
        let rate = optimizer.learningRate ?? 0.05
        return Momentum(
            network.trainableParameters, learningRate: .cosine(from: rate, to: rate / 100, over: steps),
            momentum: optimizer.momentum ?? 0.9, weightDecay: optimizer.weightDecay ?? 5e-4)
    }

    /// Loads pictures; those of CIFAR-10 are cut and turned over at random in training.
    private func pictures(
        train: Bool, in setting: TaskSetting, _ load: (any Dataset) throws -> DataLoader
    ) throws -> DataLoader {
        guard let folder = model.data else {
            return try setting.world.together { try load(train ? Digits.train : Digits.test) }
        }
        let cifar = try CIFAR10.load(directory: FilePath(text: folder), train: train, sharedBy: setting.world)
        let normal = Normalize(mean: CIFAR10.mean, std: CIFAR10.std)
        let changes: [any SampleTransform] =
            train ? [RandomCrop(32, padding: 4), RandomHorizontalFlip(), normal] : [normal]
        return try setting.world.together { try load(try cifar.map(changes, inputColumn: "image")) }
    }
}
