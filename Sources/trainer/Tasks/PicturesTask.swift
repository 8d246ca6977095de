import Lockstep
import RunsCommandLine

extension Trainer {
    /// A residual network on the digits that the program has in itself, on CIFAR-10's pictures, or on one's own.
    func residualTask(_ depth: ResNet.Depth, in setting: TaskSetting) throws -> TrainingTask {
        let source = try model.pictures(sharedBy: setting.world)
        let network = ResNet(
            depth, classes: source.classes, channels: source.channels, stem: source.stem,
            synchronized: model.syncBatchNorm)
        return try convolutionalTask("ResNet\(depth.rawValue)", network, on: source, in: setting)
    }

    /// MobileNetV2 on the same pictures.
    func mobileTask(in setting: TaskSetting) throws -> TrainingTask {
        let source = try model.pictures(sharedBy: setting.world)
        let network = MobileNetV2(
            classes: source.classes, channels: source.channels, stem: source.stem, synchronized: model.syncBatchNorm)
        return try convolutionalTask("MobileNetV2", network, on: source, in: setting)
    }

    /// An MLP on the same pictures, made rows.
    func layersTask(in setting: TaskSetting) throws -> TrainingTask {
        let source = try model.pictures(sharedBy: setting.world)
        let network = MLP([source.channels * source.size * source.size, 256, 128, source.classes])
        return try picturesTask("MLP", network, on: source, epochs: 20, in: setting) { steps in
            momentumOptimizer(of: network, rate: 0.05, weightDecay: 0, steps: steps)
        }
    }

    /// A vision transformer on the same pictures.
    func patchesTask(in setting: TaskSetting) throws -> TrainingTask {
        let source = try model.pictures(sharedBy: setting.world)
        let network = VisionTransformer(try source.transformerSizes(), classes: source.classes)
        return try picturesTask("ViT", network, on: source, epochs: 20, clipNorm: 1, in: setting) { steps in
            let peak = optimizer.learningRate ?? 1e-3
            let warmUp = min(100, steps)
            let cosine = LearningRate.cosine(from: peak, to: peak / 100, over: max(steps - warmUp, 1))
            return AdamW(
                network.trainableParameters, learningRate: .warmUp(over: warmUp, then: cosine),
                weightDecay: optimizer.weightDecay ?? 0.05)
        }
    }

    private func convolutionalTask(
        _ name: String, _ network: any Cell, on source: PictureSource, in setting: TaskSetting
    ) throws -> TrainingTask {
        try picturesTask(name, network, on: source, epochs: 10, in: setting) { steps in
            momentumOptimizer(of: network, rate: 0.05, weightDecay: 5e-4, steps: steps)
        }
    }

    private func picturesTask(
        _ name: String, _ network: any Cell, on source: PictureSource, epochs: Int, clipNorm: Float? = nil,
        in setting: TaskSetting, optimizer: @escaping (Int) -> Optimizer
    ) throws -> TrainingTask {
        let (batchSize, world) = (setting.batchSize ?? 32, setting.world)
        return TrainingTask(
            name: name, network: network, loss: SoftmaxCrossEntropyWithLogits(sparse: true), optimizer: optimizer,
            data: try DataLoader(
                source.load(train: true, sharedBy: world), batchSize: batchSize, shuffle: true,
                workers: setting.workers),
            testData: try DataLoader(
                source.load(train: false, sharedBy: world), batchSize: batchSize, dropsRemainder: false),
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
}
