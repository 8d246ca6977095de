import Collectives
import Graphs
import Networks
import Tensors

/// Writes the graph of a training step: forward, loss, backward, reductions over the ranks, updates.
struct TrainingStep {
    /// The name of the group over which gradients are averaged.
    static let dataGroup = "data"

    /// Gradients travel together in messages of at least this many bytes, so that a small network sends one or two
    /// messages a step and a large one starts sending early.
    static let bucketByteCount = 1 << 20

    private let network: any Cell
    private let lossFn: any Loss
    private let optimizer: Optimizer
    private let ranks: Int

    init(_ network: any Cell, _ lossFn: any Loss, _ optimizer: Optimizer, ranks: Int) {
        self.network = network
        self.lossFn = lossFn
        self.optimizer = optimizer
        self.ranks = ranks
    }

    /// The step on `rows` samples of each rank; its one output is the loss averaged over all ranks.
    func graph(for data: DataLoader, rows: Int) -> Graph {
        let trace = Trace()
        let (logits, labels) = apply(network, to: data, rows: rows, in: trace)
        let loss = lossFn.construct(logits, labels)
        let targets = optimizer.trained.map(trace.symbol)
        var buckets = Buckets(over: ranks)
        buckets.add(-1, loss)
        let gradients = trace.gradients(of: loss, withRespectTo: targets) { buckets.add($0, $1) }
        for target in targets.indices where gradients[target] == nil {
            preconditionFailure("the loss does not depend on \(optimizer.trained[target].name)")
        }
        let averaged = buckets.finish()
        for target in targets.indices {
            guard let gradient = averaged[target] else { fatalError("gradient \(target) was not reduced") }
            optimizer.update(target, gradient: gradient)
        }
        guard let averagedLoss = averaged[-1] else { fatalError("the loss was not reduced") }
        return trace.finish(outputs: [averagedLoss])
    }
}

/// Inputs for a loader's first two columns, and the network applied to the first.
func apply(_ network: any Cell, to data: DataLoader, rows: Int, in trace: Trace) -> (logits: Symbol, labels: Symbol) {
    let inputs = data.dataset.columns.map { column in
        trace.input(column.name, TensorType(Shape([rows] + column.shape.dimensions), column.elementType))
    }
    precondition(inputs.count == 2, "a model needs samples of an input and a label, not of \(inputs.count) columns")
    return (network(inputs[0]), inputs[1])
}

/// Collects gradients in the order in which they are ready and reduces them over the ranks in few messages.
private struct Buckets {
    private let ranks: Int
    private var open: [(key: Int, symbol: Symbol)] = []
    private var reduced: [Int: Symbol] = [:]

    init(over ranks: Int) {
        self.ranks = ranks
    }

    mutating func add(_ key: Int, _ symbol: Symbol) {
        guard ranks > 1 else {
            reduced[key] = symbol
            return
        }
        open.append((key, symbol))
        if open.reduce(0, { $0 + $1.symbol.type.byteCount }) >= TrainingStep.bucketByteCount { close() }
    }

    mutating func finish() -> [Int: Symbol] {
        close()
        return reduced
    }

    private mutating func close() {
        guard let trace = open.first?.symbol.trace else { return }
        let results = trace.apply(.allReduce(.average, group: TrainingStep.dataGroup), to: open.map(\.symbol))
        for (entry, result) in zip(open, results) { reduced[entry.key] = result }
        open = []
    }
}
