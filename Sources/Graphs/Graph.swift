import Memory
public import Tensors

/// Operations in the order they run, each naming the results of earlier ones as its inputs.
///
/// The one description of a computation: it is differentiated (``Trace/gradients(of:withRespectTo:whenReady:)``),
/// planned (`MemoryPlan`), run (``Program``) and written as MindIR.
public struct Graph {
    /// The operations; a node only uses results of nodes before it.
    public internal(set) var nodes: [Node] = []

    /// What the caller provides, in order: nodes with ``Operation/input(name:)``.
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
}

/// One operation of a graph, applied to values.
public struct Node {
    /// What it does.
    public let operation: Operation

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
            guard case .parameter(let parameter) = node.operation else { return nil }
            return parameter
        }
    }
}

extension Graph: CustomStringConvertible {
    /// A line a node: "%5 = relu(%4) : float32[32, 6, 28, 28]". Two graphs with the same text compute the same.
    public var description: String { description { $0 } }

    /// The same, of what `change` makes of the operations.
    func description(_ change: (Operation) -> Operation) -> String {
        let lines = nodes.enumerated().map { index, node in
            let inputs = node.inputs.map { name($0) }.joined(separator: ", ")
            let results = node.results.map(\.description).joined(separator: ", ")
            return "%\(index) = \(text(of: change(node.operation)))(\(inputs)) : \(results)"
        }
        return (lines + ["return " + outputs.map { name($0) }.joined(separator: ", ")]).joined(separator: "\n")
    }

    /// The operation and its settings; a constant is told from others of its type by its elements.
    private func text(of operation: Operation) -> String {
        guard case .constant(let tensor) = operation else { return "\(operation)" }
        if tensor.type == TensorType(.scalar) { return "constant(\(tensor.elements(of: Float.self)[0]))" }
        return "constant(\(tensor.type) \(String(tensor.contentHash, radix: 16)))"
    }

    private func name(_ value: Value) -> String {
        nodes[value.node].results.count == 1 ? "%\(value.node)" : "%\(value.node).\(value.result)"
    }
}

extension Tensor {
    /// FNV-1a over the bytes.
    fileprivate var contentHash: UInt64 {
        let bytes = bytes.span
        return bytes.indices.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64(bytes[$1])) &* 0x0000_0100_0000_01B3 }
    }
}
