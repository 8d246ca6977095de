import Collectives
import Graphs
import Kernels
import Memory
import Tensors

/// Turns the nodes of a graph into instructions, one kernel each, which the operations know.
struct Compiler {
    let graph: Graph
    private let storage: Storage
    private let groups: [String: any Communicator]
    private var instructions: [Instruction] = []
    private var reductionOfNode: [Int: Int] = [:]
    let pool: ThreadPool

    /// The reductions, in the order in which they start.
    private(set) var requests: [any AllReduceRequest] = []

    init(_ graph: Graph, storage: Storage, backend: CPUBackend, groups: [String: any Communicator]) {
        self.graph = graph
        self.storage = storage
        self.groups = groups
        pool = backend.pool
    }

    mutating func compile() -> [Instruction] {
        var awaited = -1
        let fusions = storage.fusions
        for (index, node) in graph.nodes.enumerated() where fusions.place(of: index) == index {
            let chain = fusions.chain(endingAt: index)
            let needed = (chain?.members ?? [index]).reduce(-1) { max($0, lastReduction(neededBy: graph.nodes[$1])) }
            if needed > awaited { append(index, .awaitReduction(needed)) }
            awaited = max(awaited, needed)
            if let chain { append(chain) } else { append(node, at: index) }
        }
        if awaited < requests.count - 1 { append(graph.nodes.count - 1, .awaitReduction(requests.count - 1)) }
        return instructions
    }

    /// Reductions end in the order in which they start, so waiting for the last one waits for all.
    private func lastReduction(neededBy node: Node) -> Int {
        // A view touches no element; its users wait.
        if node.operation.isView { return -1 }
        return node.inputs.compactMap { reductionOfNode[$0.node] }.max() ?? -1
    }

    private mutating func append(_ node: Node, at index: Int) {
        switch node.operation.role {
        case .source: break
        // Of its input; if that is a reduction under way, so is this.
        case .view: reductionOfNode[index] = reductionOfNode[node.inputs[0].node]
        case .reduction(let operation, let group): appendReduction(node, at: index, operation, group)
        case .scatter(let group): append(index, .communicate(reduceScatter(node, at: index, group)))
        case .gather(let group): append(index, .communicate(allGather(node, group)))
        case .computation, .update: append(index, .compute(node.operation.kernel(operands(of: node, at: index))))
        }
    }

    private mutating func append(_ chain: Fusions.Chain) {
        let operations = chain.members.map { "\(graph.nodes[$0].operation)" }.joined(separator: " + ")
        let name = "\(operations) \(graph.nodes[chain.last].scope)"
        instructions.append(Instruction(name: name, nodes: chain.members, action: .compute(kernel(of: chain))))
    }

    private mutating func append(_ index: Int, _ action: Instruction.Action) {
        let node = graph.nodes[index]
        let name = "\(node.operation.name) \(node.scope)"
        instructions.append(
            Instruction(name: node.scope.isEmpty ? node.operation.name : name, nodes: [index], action: action))
    }

    private func reduceScatter(_ node: Node, at index: Int, _ group: String) -> Instruction.Communication {
        let operands = operands(of: node, at: index)
        let (whole, part, communicator) = (operands.input(0), operands.result(), communicator(group))
        return { () throws(CollectiveError) in
            var result = part.mutableSpan
            try communicator.reduceScatter(whole.span, into: &result, with: .average)
        }
    }

    private func allGather(_ node: Node, _ group: String) -> Instruction.Communication {
        let tensors = node.inputs.map(storage.tensor)
        let (whole, part, communicator) = (tensors[0].slice(of: Float.self), tensors[1], communicator(group))
        // The part lies in the whole, and MPI wants what it reads apart from what it writes.
        let copy = Tensor(zeros: part.shape)
        let source = copy.slice(of: Float.self)
        return { () throws(CollectiveError) in
            copy.copy(from: part)
            var result = whole.mutableSpan
            try communicator.allGather(source.span, into: &result)
        }
    }

    private func communicator(_ group: String) -> any Communicator {
        guard let communicator = groups[group] else {
            misuse("the graph communicates over the group \(group), which was not given")
        }
        return communicator
    }

    private mutating func appendReduction(_ node: Node, at index: Int, _ operation: ReduceOperation, _ group: String) {
        let sources = node.inputs.map(storage.tensor)
        let targets = node.results.indices.map { storage.tensor(Value(node: index, result: $0)) }
        reductionOfNode[index] = requests.count
        requests.append(communicator(group).allReduceRequest(over: storage.message(of: index), with: operation))
        append(
            index,
            .startReduction(fill: { for part in targets.indices { targets[part].copy(from: sources[part]) } }))
    }

    /// Where a value lies that has memory.
    func slice(of value: Value) -> Slice<Float> { storage.tensor(value).slice(of: Float.self) }

    private func operands(of node: Node, at index: Int) -> Operands {
        Operands(
            inputs: node.inputs.map(storage.tensor),
            results: node.results.indices.map { storage.tensor(Value(node: index, result: $0)) },
            scratch: storage.scratch(of: index), pool: pool)
    }
}
