import Lockstep
import RunsCommandLine
import SystemPackage

extension Trainer {
    /// A residual network on the digits that the program has in itself, or on CIFAR-10's pictures.
    func residualTask(_ depth: ResNet.Depth, in setting: TaskSetting) throws -> TrainingTask {
        try convolutionalTask(
            "ResNet\(depth.rawValue)",
            ResNet(
                depth, classes: 10, channels: pictureChannels, stem: .small, synchronized: model.syncBatchNorm),
            in: setting)
    }

    /// MobileNetV2 on the same pictures.
    func mobileTask(in setting: TaskSetting) throws -> TrainingTask {
        try convolutionalTask(
            "MobileNetV2", MobileNetV2(classes: 10, channels: pictureChannels, stem: .small), in: setting)
    }

    /// An MLP on the same pictures, made rows.
    func layersTask(in setting: TaskSetting) throws -> TrainingTask {
        let network = MLP([pictureChannels * 32 * 32, 256, 128, 10])
        return try picturesTask("MLP", network, epochs: 20, in: setting) { steps in
            momentumOptimizer(of: network, rate: 0.05, weightDecay: 0, steps: steps)
        }
    }

    /// A vision transformer on the same pictures.
    func patchesTask(in setting: TaskSetting) throws -> TrainingTask {
        var sizes = VisionTransformerSizes()
        sizes.channels = pictureChannels
        let network = VisionTransformer(sizes, classes: 10)
        return try picturesTask("ViT", network, epochs: 20, clipNorm: 1, in: setting) { steps in
            let peak = optimizer.learningRate ?? 1e-3
            let warmUp = min(100, steps)
            let cosine = LearningRate.cosine(from: peak, to: peak / 100, over: max(steps - warmUp, 1))
            return AdamW(
                network.trainableParameters, learningRate: .warmUp(over: warmUp, then: cosine),
                weightDecay: optimizer.weightDecay ?? 0.05)
        }
    }

    private func convolutionalTask(
        _ name: String, _ network: any Cell, in setting: TaskSetting
    ) throws -> TrainingTask {
        try picturesTask(name, network, epochs: 10, in: setting) { steps in
            momentumOptimizer(of: network, rate: 0.05, weightDecay: 5e-4, steps: steps)
        }
    }

    private func picturesTask(
        _ name: String, _ network: any Cell, epochs: Int, clipNorm: Float? = nil, in setting: TaskSetting,
        optimizer: @escaping (Int) -> Optimizer
    ) throws -> TrainingTask {
        let batchSize = setting.batchSize ?? 32
        return TrainingTask(
            name: name, network: network, loss: SoftmaxCrossEntropyWithLogits(sparse: true), optimizer: optimizer,
            data: try pictures(train: true, in: setting) {
                try DataLoader($0, batchSize: batchSize, shuffle: true, workers: setting.workers)
            },
            testData: try pictures(train: false, in: setting) {
                try DataLoader($0, batchSize: batchSize, dropsRemainder: false)
            },
            metrics: ["accuracy": Accuracy(), "loss": LossMetric()], epochs: epochs, clipNorm: clipNorm,
            describe: Self.describeDigits)
    }

    /// A momentum whose rate falls along a cosine to a hundredth.
    func momentumOptimizer(of network: any Cell, rate: Float, weightDecay: Float, steps: Int) -> Optimizer {
        let rate = optimizer.learningRate ?? rate
        return Momentum(
            network.trainableParameters, learningRate: .cosine(from: rate, to: rate / 100, over: steps),
            momentum: optimizer.momentum ?? 0.9, weightDecay: optimizer.weightDecay ?? weightDecay)
    }

    /// Digits are grey, CIFAR-10's pictures have colors.
    private var pictureChannels: Int { model.data == nil ? 1 : 3 }

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
