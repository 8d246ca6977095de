import Collectives
import Graphs
import Networks
import Tensors

/// Averages gradients over the ranks that see other samples, in the order in which they are ready and in few messages.
///
/// A gradient whose parameter the ranks share for the update goes to each only in its part.
struct GradientReduction {
    /// Gradients travel together in messages of at least this many bytes, so that a small network sends one or two
    /// messages a step and a large one starts sending early.
    static let messageByteCount = 1 << 20

    private let optimizer: Optimizer
    private let ranks: Int
    private var waiting: [(key: Int, symbol: Symbol)] = []
    private var averaged: [Int: Symbol] = [:]

    /// What the loss is known by, beside the numbers of the gradients.
    private static let loss = -1

    init(_ optimizer: Optimizer, over ranks: Int) {
        self.optimizer = optimizer
        self.ranks = ranks
    }

    mutating func add(loss: Symbol) { add(loss, as: Self.loss) }

    mutating func add(_ gradient: Symbol, of target: Int) {
        guard optimizer.targets[target] !== optimizer.trained[target] else { return add(gradient, as: target) }
        averaged[target] =
            gradient.trace.apply(
                .reduceScatter(group: Placement.dataAxis, parts: ranks), to: [gradient])[0]
    }

    /// The loss and the gradients, averaged.
    mutating func finish() -> (loss: Symbol, gradients: [Symbol]) {
        send()
        guard let loss = averaged[Self.loss] else { fatalError("the loss was not reduced") }
        let gradients = optimizer.trained.indices.map { target in
            guard let gradient = averaged[target] else { fatalError("gradient \(target) was not reduced") }
            return gradient
        }
        return (loss, gradients)
    }

    private mutating func add(_ symbol: Symbol, as key: Int) {
        guard ranks > 1 else {
            averaged[key] = symbol
            return
        }
        waiting.append((key, symbol))
        if waiting.reduce(0, { $0 + $1.symbol.type.byteCount }) >= Self.messageByteCount { send() }
    }

    private mutating func send() {
        guard let trace = waiting.first?.symbol.trace else { return }
        let results = trace.apply(.allReduce(.average, group: Placement.dataAxis), to: waiting.map(\.symbol))
        for (entry, result) in zip(waiting, results) { averaged[entry.key] = result }
        waiting = []
    }
}

/// The norm of all gradients together, over all ranks that hold parts of them.
struct GradientNorm {
    private let optimizer: Optimizer
    private let placement: Placement

    init(_ optimizer: Optimizer, _ placement: Placement) {
        self.optimizer = optimizer
        self.placement = placement
    }

    /// The norm, a scalar, the same on all ranks.
    func norm(of gradients: [Symbol]) -> Symbol {
        // Squares are added up first where they are, then over the ranks that hold other parts of the same gradient.
        var sums: [Set<String>: [Symbol]] = [:]
        for (target, gradient) in gradients.enumerated() {
            sums[groups(of: target), default: []].append(gradient.sumOfSquares())
        }
        let terms = sums.sorted { $0.key.sorted().joined() < $1.key.sorted().joined() }.map { groups, squares in
            groups.sorted().reduce(total(squares)) { $0.summed(over: $1) }
        }
        return total(terms).sqrt()
    }

    /// The factor that makes a norm at most `limit` (Pascanu et al., 2013).
    func scale(of norm: Symbol, to limit: Float) -> Symbol {
        ((norm + 1e-6).reciprocal() * limit).minimum(norm.trace.constant(.init(scalar: Float(1))))
    }

    /// The groups of ranks that hold other parts of a gradient.
    private func groups(of target: Int) -> Set<String> {
        let parameter = optimizer.trained[target]
        var groups: Set<String> = []
        if placement.tensorParts > 1, parameter.sharding != nil { groups.insert(Placement.tensorAxis) }
        if optimizer.targets[target] !== parameter { groups.insert(Placement.dataAxis) }
        return groups
    }

    private func total(_ terms: [Symbol]) -> Symbol {
        terms.dropFirst().reduce(terms[0]) { $0 + $1 }
    }
}
