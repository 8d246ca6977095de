import Graphs
import Memory
import Tensors

/// A traced graph with the types of its values, whose batch size may be open, and with its means recognised.
struct ExportedGraph {
    let graph: Graph

    /// The types of each node's results.
    let types: [[MindSporeType]]

    /// For a node that scales a sum by one over the number of its terms: what it is the mean of.
    ///
    /// MindSpore's mean holds for every batch size, while a factor holds for one.
    let means: [Int: Value]

    /// The nodes that the file needs: not the sums of which only means are used, nor the place in a run. Updates are
    /// among them, so that they are refused.
    let written: Set<Int>

    /// A graph with the batch size it was traced with.
    init(_ graph: Graph) {
        self.init(graph, graph.nodes.map { $0.results.map(MindSporeType.init) }, means: graph.means)
    }

    /// A graph whose batch size is open: what differs between its traces with two batch sizes depends on it.
    init(tracing: (_ rows: Int) -> Graph) throws(MindIRError) {
        // A size of 1 may have been traced in another way, as the size that broadcasts does in many libraries.
        let (first, second) = (tracing(2), tracing(3))
        guard first.nodes.count == second.nodes.count else {
            throw .cannotStore(name: "the graph", reason: "its operations depend on the batch size, which is open")
        }
        let types = zip(first.nodes, second.nodes).map { one, other in
            zip(one.results, other.results).map { MindSporeType($0, $1) }
        }
        self.init(first, types, means: first.means.filter { second.means[$0.key] == $0.value })
        for index in written.sorted() {
            let node = first.nodes[index]
            guard means[index] != nil || node.isSame(as: second.nodes[index]) else {
                throw .cannotExport(
                    operation: node.operation.name, scope: node.scope,
                    reason: "it depends on the batch size, which is open")
            }
        }
    }

    private init(_ graph: Graph, _ types: [[MindSporeType]], means: [Int: Value]) {
        (self.graph, self.types, self.means) = (graph, types, means)
        var written = Set((graph.inputs + graph.outputs).map(\.node))
        for (index, node) in graph.nodes.enumerated().reversed() where node.results.isEmpty || written.contains(index) {
            written.insert(index)
            written.formUnion(Self.inputs(of: index, in: graph, means).map(\.node))
        }
        self.written = written
    }

    /// What a node is computed from in the file.
    func inputs(of index: Int) -> [Value] { Self.inputs(of: index, in: graph, means) }

    private static func inputs(of index: Int, in graph: Graph, _ means: [Int: Value]) -> [Value] {
        if let terms = means[index] { return [terms] }
        let node = graph.nodes[index]
        return Array(node.inputs.prefix(node.operation.mindSporeInputCount ?? node.inputs.count))
    }
}

extension MindSporeType {
    /// The type of a value in two traces: open where they differ.
    fileprivate init(_ one: TensorType, _ other: TensorType) {
        let pairs = zip(one.shape.dimensions, other.shape.dimensions)
        self.init(pairs.map { $0 == $1 ? $0 : Self.open }, one.elementType)
    }
}

extension Node {
    /// Whether the node of another trace does the same to the same values, of whatever size.
    fileprivate func isSame(as other: Node) -> Bool {
        guard inputs == other.inputs, results.map(\.shape.rank) == other.results.map(\.shape.rank) else { return false }
        switch (operation.role, other.operation.role) {
        case (.source(.parameter(let one)), .source(.parameter(let other))): return one === other
        case (.source(.constant(let one)), .source(.constant(let other))): return one.hasContents(of: other)
        default:
            return operation.settingsFollowFromResults
                ? operation.name == other.operation.name : operation.description == other.operation.description
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
