import Lockstep

/// What training steps are made of: a network, and how many samples a batch has over all ranks.
enum Workload: Equatable {
    case gpt(GPTSizes, samples: Int)
    case lenet(samples: Int)
    /// A network for pictures of 32 × 32 in color.
    case pictures(PictureNetwork, samples: Int)
    /// Two layers of 256 over bytes.
    case lstm(samples: Int, length: Int)

    /// The step of the issue that set the targets.
    static let standardGPT = Workload.gpt(
        GPTSizes(layers: 4, width: 256, heads: 4, length: 128, vocabulary: 256, dropout: 0), samples: 8)

    /// The name, with which scripts of peers begin.
    var name: String {
        switch self {
        case .gpt: "gpt"
        case .lenet: "lenet"
        case .pictures: "pictures"
        case .lstm: "lstm"
        }
    }

    /// The workload as arguments of `bench worker`; those after the name are those of the peers.
    var arguments: [String] {
        switch self {
        case .gpt(let sizes, let samples):
            [name]
                + [samples, sizes.layers, sizes.width, sizes.heads, sizes.length, sizes.vocabulary].map { "\($0)" }
        case .lenet(let samples): [name, "\(samples)"]
        case .pictures(let network, let samples): [name, network.rawValue, "\(samples)"]
        case .lstm(let samples, let length): [name, "\(samples)", "\(length)"]
        }
    }

    /// Reads ``arguments``; nil if they are not such.
    init?(arguments: [String]) {
        let numbers = arguments.dropFirst().compactMap { OutsideNumber($0)?.value }.filter {
            (1...1 << 20).contains($0)
        }
        switch (arguments.first, numbers.count, arguments.count) {
        case ("gpt", 6, 7):
            let sizes = GPTSizes(
                layers: numbers[1], width: numbers[2], heads: numbers[3], length: numbers[4], vocabulary: numbers[5],
                dropout: 0)
            guard sizes.problem(over: 1) == nil else { return nil }
            self = .gpt(sizes, samples: numbers[0])
        case ("lenet", 1, 2): self = .lenet(samples: numbers[0])
        case ("pictures", 1, 3):
            guard let network = PictureNetwork(rawValue: arguments[1]) else { return nil }
            self = .pictures(network, samples: numbers[0])
        case ("lstm", 2, 3): self = .lstm(samples: numbers[0], length: numbers[1])
        default: return nil
        }
    }
}

/// The networks for pictures in color, as `picture_networks.py` calls them.
enum PictureNetwork: String {
    case resnet, mobilenetv2, vit, unet, mlp

    /// The network with first values.
    func make() -> any Cell {
        switch self {
        case .resnet: ResNet(.resNet18, classes: 10, stem: .small)
        case .mobilenetv2: MobileNetV2(classes: 10, stem: .small)
        case .vit: VisionTransformer(classes: 10)
        case .unet: UNet(channels: 3, classes: 10)
        case .mlp: MLP([3 * 32 * 32, 256, 128, 10])
        }
    }

    func makeOptimizer(_ network: any Cell) -> Optimizer {
        switch self {
        case .vit: AdamW(network.trainableParameters, learningRate: 1e-3, weightDecay: 0.05)
        case .resnet, .mobilenetv2, .unet, .mlp:
            Momentum(network.trainableParameters, learningRate: 0.01, momentum: 0.9)
        }
    }
}

extension Workload {
    /// How many batches there are before the first comes again.
    private static let batchCount = 16

    /// Network, loss, optimizer and random samples.
    func makeTraining(in world: any Communicator, threads: Int) throws -> (model: Model, data: DataLoader) {
        switch self {
        case .gpt(let sizes, let samples):
            let network = GPT(sizes)
            let optimizer = AdamW(network.trainableParameters, learningRate: 1e-3, weightDecay: 0.1)
            let data = try Self.text(of: sizes.vocabulary, samples: samples, length: sizes.length)
            return (makeModel(network, GPTLoss(), optimizer, world, threads), data)
        case .lenet(let samples):
            let network = LeNet5()
            let optimizer = Momentum(network.trainableParameters, learningRate: 0.01, momentum: 0.9)
            let loss = SoftmaxCrossEntropyWithLogits(sparse: true)
            let data = try Self.pictures(samples: samples, channels: 1)
            return (makeModel(network, loss, optimizer, world, threads), data)
        case .pictures(let kind, let samples):
            let network = kind.make()
            let loss: any Loss = kind == .unet ? CrossEntropyLoss() : SoftmaxCrossEntropyWithLogits(sparse: true)
            let data = try Self.pictures(samples: samples, channels: 3, label: kind == .unet ? [32, 32] : [])
            return (makeModel(network, loss, kind.makeOptimizer(network), world, threads), data)
        case .lstm(let samples, let length):
            let network = CharacterLSTM()
            let optimizer = AdamW(network.trainableParameters, learningRate: 1e-3, weightDecay: 0.1)
            let data = try Self.text(of: 256, samples: samples, length: length)
            return (makeModel(network, GPTLoss(), optimizer, world, threads), data)
        }
    }

    private static func text(of vocabulary: Int, samples: Int, length: Int) throws -> DataLoader {
        let shape: Shape = [samples * batchCount, length]
        return try DataLoader(
            TensorDataset([
                ("tokens", integers(below: vocabulary, shape, seed: 1)),
                ("labels", integers(below: vocabulary, shape, seed: 2)),
            ]), batchSize: samples)
    }

    private static func pictures(samples: Int, channels: Int, label: [Int] = []) throws -> DataLoader {
        let images = Tensor(zeros: [samples * batchCount, channels, 32, 32])
        images.fillNormal(deviation: 1, random: RandomSource(seed: 1, stream: 0))
        let labels = integers(below: 10, Shape([samples * batchCount] + label), seed: 2)
        return try DataLoader(TensorDataset([("images", images), ("labels", labels)]), batchSize: samples)
    }

    private func makeModel(
        _ network: any Cell, _ loss: any Loss, _ optimizer: Optimizer, _ world: any Communicator, _ threads: Int
    ) -> Model {
        Model(
            network, lossFn: loss, optimizer: optimizer, world: world, backend: CPUBackend(threads: threads), seed: 1)
    }

    private static func integers(below limit: Int, _ shape: Shape, seed: UInt64) -> Tensor {
        let numbers = Tensor(zeros: shape)
        numbers.fillUniform(in: 0..<Float(limit), random: RandomSource(seed: seed, stream: 0))
        return Tensor(numbers.elements(of: Float.self).map { Int32($0) }, shape: shape)
    }
}
