import Memory
import Tensors

extension Trace {
    /// Appends the backward pass of a scalar loss and returns the gradient of each target; nil where the loss does
    /// not depend on it.
    ///
    /// A target's gradient is handed to `whenReady`, with the target's index, at the place in the graph where it is
    /// complete and the pass goes on with earlier layers: the place to start its reduction over the ranks.
    public func gradients(
        of loss: Symbol, withRespectTo targets: [Symbol], whenReady: (Int, Symbol) -> Void = { _, _ in }
    ) -> [Symbol?] {
        insist(loss.shape == .scalar, "a gradient is taken of a scalar, not of \(loss.type)")
        averageForEnd()
        var walk = BackwardWalk(from: loss, to: targets.map(\.value), in: self)
        walk.run(whenReady: whenReady)
        return targets.map { walk.gradient(of: $0.value) }
    }
}

/// The walk from the loss back through the nodes it depends on.
private struct BackwardWalk {
    private let trace: Trace
    private let nodes: [Node]
    private let targets: [Value]
    private var gradients: [Value: Symbol] = [:]

    /// The nodes between a target and the loss; the others are passed over.
    private let isOnPath: [Bool]

    init(from loss: Symbol, to targets: [Value], in trace: Trace) {
        self.trace = trace
        self.targets = targets
        nodes = Array(trace.nodes[...loss.value.node])
        var isOnPath = [Bool](repeating: false, count: nodes.count)
        for target in targets where target.node < nodes.count { isOnPath[target.node] = true }
        for (index, node) in nodes.enumerated() where !isOnPath[index] {
            isOnPath[index] = node.inputs.contains { isOnPath[$0.node] }
        }
        self.isOnPath = isOnPath
        gradients[loss.value] = trace.constant(.init(scalar: Float(1)))
    }

    func gradient(of value: Value) -> Symbol? { gradients[value] }

    mutating func run(whenReady: (Int, Symbol) -> Void) {
        // A target is complete once the first node that uses it has been passed on the way back.
        let firstUse = firstUses()
        for index in nodes.indices.reversed() {
            if isOnPath[index] { pass(index) }
            for target in targets.indices where firstUse[target] == index {
                if let gradient = gradients[targets[target]] { whenReady(target, gradient) }
            }
        }
    }

    private func firstUses() -> [Int] {
        targets.map { target in nodes.firstIndex { $0.inputs.contains(target) } ?? target.node }
    }

    private mutating func pass(_ index: Int) {
        let node = nodes[index]
        let ofResults = node.results.indices.map { gradients[Value(node: index, result: $0)] }
        guard ofResults.contains(where: { $0 != nil }) else { return }
        let results = node.results.indices.map { trace.symbol(Value(node: index, result: $0)) }
        let first = trace.nodes.count
        let ofInputs = trace.scope(node.scope + "'") {
            node.operation.inputGradients(x: node.inputs.map(trace.symbol), y: results, gradients: ofResults)
        }
        insist(
            ofInputs.count == node.inputs.count,
            "\(node.operation) has \(node.inputs.count) inputs and gives gradients for \(ofInputs.count)")
        for (input, gradient) in zip(node.inputs, ofInputs) where isOnPath[input.node] {
            guard let gradient else { continue }
            let type = trace.symbol(input).type
            insist(gradient.type == type, "\(node.operation) gives a gradient \(gradient.type) for an input \(type)")
            gradients[input] = gradients[input].map { $0 + gradient } ?? gradient
        }
        refuseChanged(since: index, readFrom: first)
    }

    /// Ends the program with a sentence if nodes from `first` on, of the gradient of node `index`, read a parameter that has
    /// changed since: the node has seen another value.
    private func refuseChanged(since index: Int, readFrom first: Int) {
        guard let last = trace.changes.last, last.node > index else { return }
        for reader in first..<trace.nodes.count {
            for parameter in trace.nodes[reader].inputs.compactMap(trace.parameter(behind:)) {
                guard
                    let change = trace.changes.first(where: {
                        $0.parameter === parameter && $0.node > index && $0.node < reader
                    })
                else { continue }
                misuse(
                    "the gradient of \(nodes[index].operation)\(place(of: index)) reads \(parameter) as it was, but "
                        + "\(change.layer.isEmpty ? "the graph" : change.layer) changes it before the backward pass; let the "
                        + "operation take a copy, as p + 0")
            }
        }
    }

    private func place(of index: Int) -> String {
        nodes[index].scope.isEmpty ? "" : " in \(nodes[index].scope)"
    }
}
