import Collectives
import Datasets
import Graphs
import Memory
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

    /// The step on `rows` samples of each rank, and what `sums` hold of those before; its outputs are the loss averaged
    /// over all ranks and, if gradients are clipped or `measuresNorm`, their norm before that.
    func graph(
        for data: DataLoader, rows: Int, cursor: StepCursor, adding sums: GradientSums? = nil,
        measuresNorm: Bool = false
    ) -> Graph {
        let trace = makeTrace(cursor)
        var reduction = GradientReduction(optimizer, over: settings.placement.dataParts)
        let loss = loss(for: data, rows: rows, in: trace)
        reduction.add(loss: sums.map { $0.mean(loss, $0.loss) } ?? loss)
        addGradients(of: loss, in: trace) { target, gradient in
            reduction.add(sums.map { $0.mean(gradient, $0.gradients[target]) } ?? gradient, of: target)
        }
        let (averagedLoss, averaged) = reduction.finish()
        let norm = update(with: averaged, measuresNorm: measuresNorm)
        return trace.finish(outputs: [averagedLoss] + (norm.map { [$0] } ?? []))
    }

    /// A part of a step: adds the loss and the gradients of `rows` samples to `sums`.
    func partGraph(for data: DataLoader, rows: Int, cursor: StepCursor, into sums: GradientSums) -> Graph {
        let trace = makeTrace(cursor)
        let loss = loss(for: data, rows: rows, in: trace)
        trace.apply(.accumulate, to: [trace.symbol(for: sums.loss), loss])
        addGradients(of: loss, in: trace) { target, gradient in
            trace.apply(.accumulate, to: [trace.symbol(for: sums.gradients[target]), gradient])
        }
        return trace.finish(outputs: [])
    }

    private func makeTrace(_ cursor: StepCursor) -> Trace {
        Trace(cursor: cursor, dataGroup: settings.placement.dataParts > 1 ? Placement.dataAxis : nil)
    }

    private func loss(for data: DataLoader, rows: Int, in trace: Trace) -> Symbol {
        let (outputs, labels) = apply(network, to: data, rows: rows, in: trace)
        return network.checked(lossFn, of: outputs, labels)
    }

    private func addGradients(of loss: Symbol, in trace: Trace, whenReady: (Int, Symbol) -> Void) {
        let targets = optimizer.trained.map(trace.symbol)
        let gradients = trace.gradients(of: loss, withRespectTo: targets, whenReady: whenReady)
        for target in targets.indices where gradients[target] == nil {
            misuse(
                "the loss does not depend on \(optimizer.trained[target].name), so there is no gradient for it: use it in the "
                    + "network's construct, or leave it out of the optimizer's parameters")
        }
    }

    /// Writes the updates and returns the norm of the gradients, if somebody needs it.
    private func update(with gradients: [Symbol], measuresNorm: Bool) -> Symbol? {
        let measure = GradientNorm(optimizer, settings.placement)
        let norm = measuresNorm || settings.clipNorm != nil ? measure.norm(of: gradients) : nil
        let scale = norm.flatMap { norm in settings.clipNorm.map { measure.scale(of: norm, to: $0) } }
        for (target, gradient) in gradients.enumerated() {
            optimizer.update(target, gradient: gradient, scale: scale)
            guard optimizer.targets[target] !== optimizer.trained[target] else { continue }
            let whole = gradient.trace.symbol(for: optimizer.trained[target])
            let part = gradient.trace.symbol(for: optimizer.targets[target])
            gradient.trace.apply(.allGather(group: Placement.dataAxis), to: [whole, part])
        }
        return norm
    }
}

/// Inputs for a loader's columns, and the network applied to the first ones; the others are labels.
func apply(
    _ network: any Cell, to data: DataLoader, rows: Int, in trace: Trace
) -> (outputs: [Symbol], labels: [Symbol]) {
    let inputs = zip(data.dataset.columns, data.inputTypes(rows: rows)).map { trace.input($0.name, $1) }
    insist(inputs.count >= 2, "a model needs samples of an input and a label, not of \(inputs.count) columns")
    let count = network.inputCount(ofColumns: inputs.count)
    insist(
        inputs.count > count,
        "\(type(of: network)) needs samples of \(count) inputs and at least one label, not of \(inputs.count) columns")
    return (network.checked(Array(inputs[..<count])), Array(inputs[count...]))
}

extension DataLoader {
    /// The types of the inputs of a graph for so many of its samples.
    func inputTypes(rows: Int) -> [TensorType] {
        dataset.columns.map { TensorType(Shape([rows] + $0.shape.dimensions), $0.elementType) }
    }
}
