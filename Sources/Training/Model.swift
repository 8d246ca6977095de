public import Collectives
import Datasets
public import Graphs
public import Networks

/// A network with what is needed to train and evaluate it on all ranks (MindSpore's `Model`).
///
/// ```swift
/// let network = LeNet5()
/// let model = try Model(
///     network, lossFn: SoftmaxCrossEntropyWithLogits(sparse: true),
///     optimizer: Momentum(network.trainableParameters, learningRate: 0.01, momentum: 0.9),
///     metrics: ["accuracy": Accuracy()], world: world)
/// try model.train(10, DataLoader(Digits.train, batchSize: 32, shuffleSeed: 1), callbacks: [LossMonitor()])
/// ```
///
/// Every rank makes the same calls. Parameters begin alike on all ranks, and gradients are averaged over them.
public final class Model {
    /// The network.
    public let network: any Cell

    /// How far its outputs are from the labels.
    public let lossFn: any Loss

    /// How gradients change its parameters; nil if it is only evaluated.
    public let optimizer: Optimizer?

    /// What an evaluation measures, by name.
    public let metrics: [String: any Metric]

    /// The ranks that train it together.
    public let world: any Communicator

    /// The cores it runs on.
    public let backend: CPUBackend

    /// The seed of the parameters' first values, and of all that is random in training.
    public let seed: UInt64

    /// How it is trained.
    public let settings: TrainingSettings

    /// What the program made it with, by the names of its options: a set has it on record, for who loads the network.
    public var options: [String: [String]] = [:]

    /// Where the training is, for random operations.
    let place: StepPlace

    /// The training of this model that is under way.
    var trainingContext: RunContext?

    private var knownGroups: [String: any Communicator]?

    private var runners: [Int: StepRunner] = [:]
    private var evalPrograms: [Int: Program] = [:]

    /// Makes a model and gives parameters without a value their first one.
    public convenience init(
        _ network: any Cell, lossFn: any Loss, optimizer: Optimizer? = nil, metrics: [String: any Metric] = [:],
        world: any Communicator = SoloCommunicator(), backend: CPUBackend = CPUBackend(), seed: UInt64 = 0
    ) {
        self.init(
            network, lossFn: lossFn, optimizer: optimizer, metrics: metrics, world: world, backend: backend, seed: seed,
            settings: TrainingSettings(placement: .replicated(rank: world.rank, of: world.size)))
    }

    /// Makes a model that is spread over the ranks, or trained otherwise, as `settings` say.
    public init(
        _ network: any Cell, lossFn: any Loss, optimizer: Optimizer? = nil, metrics: [String: any Metric] = [:],
        world: any Communicator, backend: CPUBackend, seed: UInt64, settings: TrainingSettings
    ) {
        self.network = network
        self.lossFn = lossFn
        self.optimizer = optimizer
        self.metrics = metrics
        self.world = world
        self.backend = backend
        self.seed = seed
        self.settings = settings
        place = StepPlace(seed: seed)
        for parameter in network.parameters { parameter.initialize(seed: seed) }
    }

    /// The groups of ranks that this one is in, by the axis of the mesh along which they lie.
    func groups() throws(CollectiveError) -> [String: any Communicator] {
        if let knownGroups { return knownGroups }
        let placement = settings.placement
        let groups = [
            Placement.dataAxis: try world.split(
                color: placement.tensorPart, key: placement.dataPart, name: Placement.dataAxis),
            Placement.tensorAxis: try world.split(
                color: placement.dataPart, key: placement.tensorPart, name: Placement.tensorAxis),
        ]
        knownGroups = groups
        return groups
    }

    /// The ranks that see other samples than this one, and itself.
    func samples() throws(CollectiveError) -> any Communicator { try groups()[Placement.dataAxis] ?? world }
}

extension Model {
    /// The training step on this rank's part of a batch.
    func runner(for data: DataLoader, optimizer: Optimizer) throws -> StepRunner {
        let (ranks, pieces) = (settings.placement.dataParts, settings.accumulation)
        let (share, rest) = data.batchSize.quotientAndRemainder(dividingBy: ranks)
        guard rest == 0, share % pieces == 0 else {
            throw DataError.indivisibleBatch(data.batchSize, ranks: ranks, pieces: pieces)
        }
        let rows = share / pieces
        if let runner = runners[rows] { return runner }
        let step = TrainingStep(network, lossFn, optimizer, settings)
        let sums =
            settings.accumulation > 1
            ? GradientSums(of: optimizer.trained, parts: settings.accumulation) : nil
        let last = step.graph(for: data, rows: rows, place: place, adding: sums)
        try refuseDifferentGraphs(last)
        let lastProgram = try Program(last, on: backend, groups: groups())
        let partProgram = try sums.map { sums in
            Program(step.partGraph(for: data, rows: rows, place: place, into: sums), on: backend, groups: try groups())
        }
        let before = partProgram.map { Array(repeating: $0, count: settings.accumulation - 1) } ?? []
        let runner = StepRunner(before + [lastProgram], sums: sums, place: place)
        runners[rows] = runner
        return runner
    }

    /// The forward pass on `rows` samples: loss, logits, labels.
    func evalProgram(for data: DataLoader, rows: Int) throws -> Program {
        if let program = evalPrograms[rows] { return program }
        let trace = Trace()
        let (logits, labels) = apply(network, to: data, rows: rows, in: trace)
        let loss = lossFn.loss(of: logits, labels)
        let program = try Program(trace.finish(outputs: [loss, logits, labels]), on: backend, groups: groups())
        evalPrograms[rows] = program
        return program
    }

    /// Ranks with different networks would wait for each other's reductions for ever.
    private func refuseDifferentGraphs(_ graph: Graph) throws {
        // Ranks that share the layers have other parts of them, so only those with the same parts are compared.
        let placement = settings.placement
        let part = try samples().firstDifference(Array(graph.description.utf8))
        let rank = part.map { $0 * placement.tensorParts + placement.tensorPart }
        let lowest = try world.allReduce(rank.map { Int64($0) } ?? .max, with: .minimum)
        if lowest != .max { throw ModelError.differentNetworks(rank: Int(lowest)) }
    }
}

/// A model that cannot do what it is asked for.
public enum ModelError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A number of epochs below 1.
    case badEpochs(Int)
    /// A first epoch that is negative or not before the last.
    case badInitialEpoch(Int, epochs: Int)
    /// A validation frequency below 1.
    case badValidationFrequency(Int)
    /// Training without an optimizer.
    case noOptimizer
    /// Evaluation without a metric.
    case noMetrics
    /// The network of this rank is not that of rank 0.
    case differentNetworks(rank: Int)

    /// One sentence that names the thing, the value and what is allowed.
    public var description: String {
        switch self {
        case .badEpochs(let epochs): "the number of epochs is \(epochs); it must be at least 1"
        case .badInitialEpoch(let initial, let epochs):
            "the first epoch is \(initial); it must be from 0 to \(epochs - 1), since \(epochs) are to be trained"
        case .badValidationFrequency(let frequency):
            "the validation frequency is \(frequency); it must be at least 1"
        case .noOptimizer: "the model has no optimizer, so it cannot be trained"
        case .noMetrics: "the model has no metrics, so there is nothing to evaluate"
        case .differentNetworks(let rank):
            "rank \(rank) has another network, batch or optimizer than rank 0; all ranks must train the same"
        }
    }
}
