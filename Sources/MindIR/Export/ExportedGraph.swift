import Graphs
import Memory
import Tensors

/// A traced graph with the types of its values, whose batch size may be open, and with its means recognised.
struct ExportedGraph {
    let graph: Graph

    /// The types of each node's results.
    let types: [[ExportedType]]

    /// For a node that scales a sum by one over the number of its terms: what it is the mean of.
    ///
    /// MindSpore's mean holds for every batch size, while a factor holds for one.
    let means: [Int: Value]

    /// A graph with the batch size it was traced with.
    init(_ graph: Graph) {
        self.graph = graph
        types = graph.nodes.map { $0.results.map(ExportedType.init) }
        means = graph.means
    }

    /// A graph whose batch size is open: what differs between its traces with two batch sizes depends on it.
    init(tracing: (_ rows: Int) -> Graph) throws(MindIRError) {
        // A size of 1 may have been traced in another way, as the size that broadcasts does in many libraries.
        let (first, second) = (tracing(2), tracing(3))
        guard first.nodes.count == second.nodes.count else {
            throw .cannotStore(name: "the graph", reason: "its operations depend on the batch size, which is open")
        }
        var types: [[ExportedType]] = []
        let means = first.means.filter { second.means[$0.key] == $0.value }
        for (index, (one, other)) in zip(first.nodes, second.nodes).enumerated() {
            guard one.isSame(as: other) || means[index] != nil else {
                throw .cannotExport(
                    operation: one.operation.name, scope: one.scope,
                    reason: "it depends on the batch size, which is open")
            }
            types.append(zip(one.results, other.results).map { ExportedType($0, $1) })
        }
        (graph, self.types, self.means) = (first, types, means)
    }

    /// All nodes but the sums of which only means are used. Updates are among them, so that they are refused.
    var written: Set<Int> {
        var written = Set((graph.inputs + graph.outputs).map(\.node))
        for (index, node) in graph.nodes.enumerated().reversed() where node.results.isEmpty || written.contains(index) {
            written.insert(index)
            written.formUnion((means[index].map { [$0] } ?? node.inputs).map(\.node))
        }
        return written
    }
}

extension ExportedType {
    /// The type of a value in two traces: open where they differ.
    fileprivate init(_ one: TensorType, _ other: TensorType) {
        let pairs = zip(one.shape.dimensions, other.shape.dimensions)
        self.init(pairs.map { $0 == $1 ? $0 : Self.open }, one.elementType)
    }
}

extension Graph {
    fileprivate var means: [Int: Value] {
        var means: [Int: Value] = [:]
        for (index, node) in nodes.enumerated() {
            guard case .scale(let factor) = node.operation, let input = node.inputs.first,
                case .sum = nodes[input.node].operation, let terms = nodes[input.node].inputs.first,
                factor == 1 / Float(type(of: terms).shape.elementCount)
            else { continue }
            means[index] = terms
        }
        return means
    }
}

extension Node {
    /// Whether the node of another trace does the same to the same values, of whatever size.
    fileprivate func isSame(as other: Node) -> Bool {
        guard inputs == other.inputs, results.map(\.shape.rank) == other.results.map(\.shape.rank) else { return false }
        switch (operation, other.operation) {
        case (.parameter(let one), .parameter(let other)): return one === other
        case (.constant(let one), .constant(let other)): return one.hasContents(of: other)
        // Their shapes are those of their results.
        case (.reshape, .reshape), (.fill, .fill): return true
        default: return "\(operation)" == "\(other.operation)"
        }
    }
}

extension Tensor {
    fileprivate func hasContents(of other: Tensor) -> Bool {
        guard type == other.type else { return false }
        let (one, other) = (bytes.span, other.bytes.span)
        return one.indices.allSatisfy { one[$0] == other[$0] }
    }
}
