public import Tensors

/// Operations in the order they run, each naming the results of earlier ones as its inputs.
///
/// The one description of a computation: it is differentiated (``Trace/gradients(of:withRespectTo:whenReady:)``),
/// planned (`MemoryPlan`), run (``Program``) and written as MindIR.
public struct Graph {
    /// The operations; a node only uses results of nodes before it.
    public internal(set) var nodes: [Node] = []

    /// What the caller provides, in order: nodes with ``GraphSource/input(name:)``.
    public internal(set) var inputs: [Value] = []

    /// What the caller receives, in order.
    public internal(set) var outputs: [Value] = []
}

/// One result of one node.
public struct Value: Hashable, Sendable {
    /// The index of the node in ``Graph/nodes``.
    public let node: Int

    /// Which of its results.
    public let result: Int

    package init(node: Int, result: Int) {
        self.node = node
        self.result = result
    }
}

/// One operation of a graph, applied to values.
public struct Node {
    /// What it does.
    public let operation: any Operation

    /// The values that it is applied to.
    public var inputs: [Value]

    /// The types of what comes out.
    public let results: [TensorType]

    /// Where it comes from, such as "conv1", for messages and profiles.
    public let scope: String
}

extension Graph {
    /// The type of a value.
    public func type(of value: Value) -> TensorType { nodes[value.node].results[value.result] }

    /// The parameters it reads or updates, in the order of their first use.
    public var parameters: [Parameter] {
        nodes.compactMap { node in
            guard case .source(.parameter(let parameter)) = node.operation.role else { return nil }
            return parameter
        }
    }
}

extension Graph: CustomStringConvertible {
    /// A line a node: "%5 = relu(%4) : float32[32, 6, 28, 28]". Two graphs with the same text compute the same.
    public var description: String { text { $0.description } }

    /// The same, with what `describe` says of the operations.
    func text(_ describe: (any Operation) -> String) -> String {
        let lines = nodes.enumerated().map { index, node in
            let inputs = node.inputs.map { name($0) }.joined(separator: ", ")
            let results = node.results.map(\.description).joined(separator: ", ")
            return "%\(index) = \(describe(node.operation))(\(inputs)) : \(results)"
        }
        return (lines + ["return " + outputs.map { name($0) }.joined(separator: ", ")]).joined(separator: "\n")
    }

    private func name(_ value: Value) -> String {
        nodes[value.node].results.count == 1 ? "%\(value.node)" : "%\(value.node).\(value.result)"
    }
}
