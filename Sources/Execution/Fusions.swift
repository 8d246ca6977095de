import Graphs

/// Matrix products that run as one instruction with the nodes that finish their result element by element, so that it is
/// finished while it is in the cache. The graph itself stays as it is.
struct Fusions {
    /// A product and the nodes that finish it, in their order; all of them run where the last one stands.
    struct Chain {
        let product: Int
        fileprivate(set) var endings: [Int] = []

        /// The node before the last if its value is read by others too, further on.
        fileprivate(set) var kept: Int?

        /// All nodes, the product first.
        var members: [Int] { [product] + endings }

        /// The node where all of them run.
        var last: Int { endings.last ?? product }
    }

    private var chainOfLast: [Int: Chain] = [:]
    private var lastOfMember: [Int: Int] = [:]
    private var valueless: Set<Int> = []

    /// Nothing is fused.
    static var none: Fusions { Fusions() }

    private init() {}

    /// Finds the chains of a graph.
    init(_ graph: Graph) {
        let readers = graph.readers()
        for (index, node) in graph.nodes.enumerated() {
            guard node.operation is any FinishableProduct else { continue }
            add(Self.chain(from: index, in: graph, readers))
        }
    }

    /// The chain that runs at a node.
    func chain(endingAt node: Int) -> Chain? { chainOfLast[node] }

    /// Where a node runs: at itself, or at the last node of its chain.
    func place(of node: Int) -> Int { lastOfMember[node] ?? node }

    /// Whether nobody reads what a node computes, so that it needs no memory.
    func needsNoMemory(_ node: Int) -> Bool { valueless.contains(node) }

    private mutating func add(_ chain: Chain) {
        guard !chain.endings.isEmpty else { return }
        chainOfLast[chain.last] = chain
        for member in chain.members { lastOfMember[member] = chain.last }
        valueless.formUnion(chain.members.dropLast().filter { $0 != chain.kept })
    }
}

extension Fusions {
    /// The longest chain from a product on.
    private static func chain(from product: Int, in graph: Graph, _ readers: [Value: [Int]]) -> Chain {
        var chain = Chain(product: product)
        while let next = next(after: chain, in: graph, readers) {
            if graph.nodes[next].finish == .gelu { chain.kept = chain.last }
            chain.endings.append(next)
        }
        return chain
    }

    /// The node that a chain can go on with: the only reader of its last value, or of several the first, if it keeps it.
    private static func next(after chain: Chain, in graph: Graph, _ readers: [Value: [Int]]) -> Int? {
        let value = Value(node: chain.last, result: 0)
        guard let users = readers[value], let user = users.first, user < graph.nodes.count else { return nil }
        let (last, next) = (graph.nodes[chain.last], graph.nodes[user])
        guard let finish = next.finish, finish.canFollow(last.finish, isOnlyReader: users.count == 1),
            !finish.readsChainFirst || next.inputs[0] == value,
            // What a product reads is not changed before it runs.
            !graph.nodes[chain.product...user].contains(where: { $0.operation.isUpdate })
        else { return nil }
        return user
    }
}

extension Graph {
    /// The nodes that read each value, a node once for each time; the graph's caller counts as one behind the last.
    fileprivate func readers() -> [Value: [Int]] {
        var readers: [Value: [Int]] = [:]
        for (index, node) in nodes.enumerated() {
            for input in node.inputs { readers[input, default: []].append(index) }
        }
        for output in outputs { readers[output, default: []].append(nodes.count) }
        return readers
    }
}
