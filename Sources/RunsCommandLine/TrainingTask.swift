import Foundation
public import Lockstep

/// What a program trains: its network, its samples, and what is measured.
public struct TrainingTask {
    /// What its checkpoints are called: letters, digits, `.`, `_` and `-`.
    public let name: String

    /// The network, or this rank's part of it.
    public let network: any Cell

    /// How far its outputs are from the labels.
    public let loss: any Loss

    /// What an evaluation measures, by name.
    public let metrics: [String: any Metric]

    /// How often all samples are passed through, if the command line does not say.
    public let epochs: Int

    /// The norm that gradients are scaled down to, if the command line does not say; nil for no limit.
    public let clipNorm: Float?

    /// How many tokens a sample has; nil if it is no text.
    public let tokensPerSample: Int?

    /// What else is to hear the training.
    public let callbacks: [Callback]

    let makeOptimizer: (Int) throws -> Optimizer
    let makeData: () throws -> DataLoader
    let makeTestData: () throws -> DataLoader?
    let describe: ([String: Double], Int) -> String

    /// Describes a task.
    ///
    /// - Parameters:
    ///   - optimizer: How the network is trained over so many steps; not called for a network that is only measured.
    ///   - data: The samples to train on, for all ranks together. They are made when they are needed: not for an evaluation.
    ///   - testData: The samples to test with; nil for none, and then nothing is measured.
    ///   - callbacks: What else is to hear the training. They are called before the state of a step is saved.
    ///   - describe: The results of an evaluation in words, given with the number of test samples. By default the metrics
    ///     by name, as in "accuracy 0.9833, loss 0.0712 on 360 test samples".
    public init(
        name: String, network: any Cell, loss: any Loss, optimizer: @escaping (_ steps: Int) throws -> Optimizer,
        data: @autoclosure @escaping () throws -> DataLoader,
        testData: @autoclosure @escaping () throws -> DataLoader? = nil,
        metrics: [String: any Metric] = ["loss": LossMetric()], epochs: Int = 10, clipNorm: Float? = nil,
        tokensPerSample: Int? = nil, callbacks: [Callback] = [],
        describe: @escaping (_ results: [String: Double], _ samples: Int) -> String = Self.description(of:samples:)
    ) {
        self.name = name
        self.network = network
        self.loss = loss
        self.metrics = metrics
        self.epochs = epochs
        self.clipNorm = clipNorm
        self.tokensPerSample = tokensPerSample
        self.callbacks = callbacks
        makeOptimizer = optimizer
        makeData = data
        makeTestData = testData
        self.describe = describe
    }

    /// The results of an evaluation by name, as in "accuracy 0.9833, loss 0.0712 on 360 test samples".
    public static func description(of results: [String: Double], samples: Int) -> String {
        let values = results.sorted { $0.key < $1.key }.map { name, value in
            "\(name) " + String(format: "%.4f", value)
        }
        return values.joined(separator: ", ") + " on \(samples) test samples"
    }
}

extension TrainingTask {
    /// Whether files can be called by its name.
    var hasValidName: Bool { name.wholeMatch(of: /[A-Za-z0-9][A-Za-z0-9._\-]*/) != nil }

    /// The samples to train on, made on all ranks of `world` alike, and ready by as many threads as the command line says.
    func data(in world: any Communicator, workers: Int = 0) throws -> DataLoader {
        let data = try world.alike { try ErrorInWords.inWords(makeData) }
        return workers > 0 ? data.with(workers: workers) : data
    }

    /// The samples to test with, made on all ranks of `world` alike; nil if there are none.
    func testData(in world: any Communicator) throws -> DataLoader? {
        try world.alike {
            let data = try ErrorInWords.inWords(makeTestData)
            // Now, not after hours of training.
            if data != nil, metrics.isEmpty { throw ModelError.noMetrics }
            return data
        }
    }

    /// A model ready to be trained for `steps` steps; nil for one that is only evaluated.
    func makeModel(
        steps: Int?, settings: TrainingSettings, backend: CPUBackend, seed: UInt64, in world: any Communicator
    ) throws -> Model {
        let optimizer = try world.alike { try ErrorInWords.inWords { try steps.map(makeOptimizer) } }
        return Model(
            network, lossFn: loss, optimizer: optimizer, metrics: metrics, world: world, backend: backend, seed: seed,
            settings: settings)
    }

    /// Throws, on all ranks alike, unless they have the same task: with others, some would wait for what never comes.
    func check(_ data: DataLoader, _ test: DataLoader?, in world: any Communicator) throws {
        let tests = test.map { "\($0.dataset.count) in batches of \($0.batchSize)" } ?? "none"
        let text = """
            \(name), \(epochs) epochs of \(data.stepsPerEpoch) × \(data.batchSize), tests: \(tests), clip: \(clipNorm ?? 0),
            \(metrics.keys.sorted()), \(callbacks.map { "\(type(of: $0))" })
            """
        guard let rank = try world.firstDifference(Array(text.utf8)) else { return }
        throw OtherTask(rank: rank)
    }
}

/// A rank whose task is another one.
private struct OtherTask: Error, CustomStringConvertible {
    let rank: Int

    var description: String {
        "rank \(rank) has another task than rank 0; all ranks need the same name, number of samples, batch, epochs, "
            + "metrics and callbacks"
    }
}
