public import Collectives
import Datasets
public import Execution
import Graphs
import Memory
public import Networks
import Tensors

/// A network with what is needed to train and evaluate it on all ranks (MindSpore's `Model`).
///
/// ```swift
/// let network = LeNet5()
/// let model = try Model(
///     network, lossFn: SoftmaxCrossEntropyWithLogits(sparse: true),
///     optimizer: Momentum(network.trainableParameters, learningRate: 0.01, momentum: 0.9),
///     metrics: ["accuracy": Accuracy()], world: world)
/// try model.train(10, DataLoader(Digits.train, batchSize: 32, shuffle: true), callbacks: [LossMonitor()])
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

    /// The one seed of a run: of the parameters' first values, of dropout, and of the order of samples that are shuffled. It is
    /// stated here alone, stands in the manifest of each set, and is compared when a run is carried on.
    public let seed: UInt64

    /// How it is trained.
    public let settings: TrainingSettings

    /// What the program made it with, by the names of its options: a set has it on record, for who loads the network.
    public var options: [String: [String]] = [:]

    /// Where the training is, for random operations.
    let cursor: StepCursor

    /// The training of this model that is under way.
    var trainingContext: RunContext?

    private var knownGroups: [String: any Communicator]?

    /// By the types of their inputs: whatever else samples differ by, a program computes the same on them.
    private var runners: [[TensorType]: StepRunner] = [:]
    private var evalPrograms: [[TensorType]: Program] = [:]

    /// The forward pass of the last prediction, for inputs of the same type.
    var prediction: Prediction?

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
        cursor = StepCursor(seed: seed)
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
    func runner(for data: DataLoader, optimizer: Optimizer, measuresNorm: Bool = false) throws -> StepRunner {
        let (ranks, pieces) = (settings.placement.dataParts, settings.accumulation)
        let (share, rest) = data.batchSize.quotientAndRemainder(dividingBy: ranks)
        guard rest == 0, share % pieces == 0 else {
            throw DataError.indivisibleBatch(data.batchSize, ranks: ranks, pieces: pieces)
        }
        let rows = share / pieces
        refuseLateFreezing(of: optimizer.trained)
        let types = data.inputTypes(rows: rows)
        if let runner = runners[types], runner.measuresNorm || !measuresNorm { return runner }
        // The memory of one that does less is free before the next is made.
        runners[types] = nil
        let step = TrainingStep(network, lossFn, optimizer, settings)
        let sums =
            settings.accumulation > 1
            ? GradientSums(of: optimizer.trained, parts: settings.accumulation) : nil
        let last = step.graph(for: data, rows: rows, cursor: cursor, adding: sums, measuresNorm: measuresNorm)
        try refuseDifferentGraphs(last)
        let lastProgram = try Program(last, on: backend, groups: groups())
        let partProgram = try sums.map { sums in
            Program(
                step.partGraph(for: data, rows: rows, cursor: cursor, into: sums), on: backend, groups: try groups())
        }
        let before = partProgram.map { Array(repeating: $0, count: settings.accumulation - 1) } ?? []
        let runner = StepRunner(
            before + [lastProgram], sums: sums, cursor: cursor, changing: last.changedParameters)
        runners[types] = runner
        return runner
    }

    /// The forward pass on `rows` samples: loss, first output, first label, then the other outputs and the other labels.
    func evalProgram(for data: DataLoader, rows: Int) throws -> Program {
        let types = data.inputTypes(rows: rows)
        if let program = evalPrograms[types] { return program }
        let trace = Trace()
        let (outputs, labels) = apply(network, to: data, rows: rows, in: trace)
        let loss = network.checked(lossFn, of: outputs, labels)
        let results = [loss, outputs[0], labels[0]] + outputs.dropFirst() + labels.dropFirst()
        let program = try Program(trace.finish(outputs: results), on: backend, groups: groups())
        evalPrograms[types] = program
        return program
    }

    /// Ranks with another seed would read samples twice and others never; with other samples they would leave an epoch early, or
    /// make other steps ready. All ranks call it together, before anything that depends on their samples.
    func refuseDifferentOrders(of data: DataLoader) throws {
        let (columns, order) = ("\(data.dataset.columns)", data.orderDescription)
        guard let rank = try world.firstDifference(Array("\(seed) \(order) \(columns)".utf8)) else { return }
        if let rank = try world.firstDifference(Array("\(seed)".utf8)) { throw ModelError.differentSeeds(rank: rank) }
        if let rank = try world.firstDifference(Array(order.utf8)) { throw ModelError.differentSamples(rank: rank) }
        // Samples of another shape are for another network.
        throw ModelError.differentNetworks(rank: rank)
    }

    private func refuseLateFreezing(of trained: [Parameter]) {
        for parameter in trained where !parameter.requiresGradient {
            misuse(
                "\(parameter.name) was frozen after the optimizer was made, which would go on changing it: set requiresGradient "
                    + "to false before")
        }
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
