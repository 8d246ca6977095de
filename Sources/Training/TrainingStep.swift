import Collectives
import Graphs
import Networks
import Tensors

/// Writes the graph of a training step: forward, loss, backward, reductions over the ranks, updates.
struct TrainingStep {
    private let network: any Cell
    private let lossFn: any Loss
    private let optimizer: Optimizer
    private let settings: TrainingSettings

    init(_ network: any Cell, _ lossFn: any Loss, _ optimizer: Optimizer, _ settings: TrainingSettings) {
        self.network = network
        self.lossFn = lossFn
        self.optimizer = optimizer
        self.settings = settings
    }

    /// The step on `rows` samples of each rank; its one output is the loss averaged over all ranks.
    func graph(for data: DataLoader, rows: Int, place: StepPlace) -> Graph {
        let trace = Trace(place: place)
        let (logits, labels) = apply(network, to: data, rows: rows, in: trace)
        let loss = lossFn.construct(logits, labels)
        var reduction = GradientReduction(optimizer, over: settings.placement.dataParts)
        reduction.add(loss: loss)
        let targets = optimizer.trained.map(trace.symbol)
        let gradients = trace.gradients(of: loss, withRespectTo: targets) { reduction.add($1, of: $0) }
        for target in targets.indices where gradients[target] == nil {
            preconditionFailure("the loss does not depend on \(optimizer.trained[target].name)")
        }
        let (averagedLoss, averaged) = reduction.finish()
        update(with: averaged)
        return trace.finish(outputs: [averagedLoss])
    }

    private func update(with gradients: [Symbol]) {
        let scale = settings.clipNorm.map { norm in
            GradientNorm(optimizer, settings.placement).scale(of: gradients, to: norm)
        }
        for (target, gradient) in gradients.enumerated() {
            optimizer.update(target, gradient: gradient, scale: scale)
            guard optimizer.targets[target] !== optimizer.trained[target] else { continue }
            let whole = gradient.trace.symbol(for: optimizer.trained[target])
            let part = gradient.trace.symbol(for: optimizer.targets[target])
            gradient.trace.apply(.allGather(group: Placement.dataAxis), to: [whole, part])
        }
    }
}

/// Inputs for a loader's two columns, and the network applied to the first.
func apply(_ network: any Cell, to data: DataLoader, rows: Int, in trace: Trace) -> (logits: Symbol, labels: Symbol) {
    let inputs = data.dataset.columns.map { column in
        trace.input(column.name, TensorType(Shape([rows] + column.shape.dimensions), column.elementType))
    }
    precondition(inputs.count == 2, "a model needs samples of an input and a label, not of \(inputs.count) columns")
    return (network(inputs[0]), inputs[1])
}
