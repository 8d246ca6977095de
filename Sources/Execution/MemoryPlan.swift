import Graphs
import Tensors

/// Where every intermediate value of a graph lies in one arena, so that a step allocates nothing.
///
/// A block is alive from the node that writes it to the last node that reads it, where that runs; blocks that are never
/// alive at the same time share memory. Large blocks are placed first, each at the lowest place that is free for its whole
/// life (greedy by size, as in Pisarchyk and Lee, "Efficient Memory Management for Deep Neural Net Inference", 2020).
struct MemoryPlan {
    /// Where a value lies.
    enum Place: Equatable {
        /// In the arena, at this byte.
        case arena(Int)
        /// In the memory of an input, parameter or constant: that of the node with this index.
        case source(Int)
    }

    /// The size of the arena in bytes.
    let byteCount: Int

    private let places: [Value: Place]

    init(_ graph: Graph, alignment: Int = 64, fusions: Fusions = .none) {
        var planner = Planner(graph, alignment: alignment, fusions: fusions)
        planner.place()
        byteCount = planner.byteCount
        places = planner.places()
    }

    /// Where a value lies; a reshaped value lies where the original does.
    func place(of value: Value) -> Place {
        guard let place = places[value] else { fatalError("\(value) was not planned") }
        return place
    }
}

/// Memory that one node writes: all its results, one behind the other.
private struct Block {
    let byteCount: Int
    let firstNode: Int
    var lastNode: Int
    var offset = 0

    var end: Int { offset + byteCount }

    func isAlive(with other: Block) -> Bool {
        firstNode <= other.lastNode && other.firstNode <= lastNode
    }
}

private struct Planner {
    private let graph: Graph
    private let alignment: Int
    private var blocks: [Int: Block] = [:]

    init(_ graph: Graph, alignment: Int, fusions: Fusions) {
        self.graph = graph
        self.alignment = alignment
        for (index, node) in graph.nodes.enumerated()
        where node.operation.writesMemory && !node.results.isEmpty && !fusions.needsNoMemory(index) {
            let size = node.results.reduce(0) { $0 + aligned($1.byteCount) }
            blocks[index] = Block(byteCount: size, firstNode: index, lastNode: index)
        }
        for (index, node) in graph.nodes.enumerated() {
            for input in node.inputs { keep(root(input).node, until: fusions.place(of: index)) }
        }
        for output in graph.outputs { blocks[root(output).node]?.lastNode = graph.nodes.count }
    }

    private mutating func keep(_ node: Int, until reader: Int) {
        guard let last = blocks[node]?.lastNode else { return }
        blocks[node]?.lastNode = max(last, reader)
    }

    var byteCount: Int { blocks.values.map(\.end).max() ?? 0 }

    mutating func place() {
        // Ties are broken by the node, so that the plan is the same on every rank.
        let order = blocks.keys.sorted { (sizeOf($0), $1) > (sizeOf($1), $0) }
        var placed: [Block] = []
        for index in order {
            guard var block = blocks[index] else { continue }
            block.offset = firstFreeOffset(for: block, among: placed)
            blocks[index] = block
            placed.append(block)
            placed.sort { $0.offset < $1.offset }
        }
    }

    func places() -> [Value: MemoryPlan.Place] {
        var places: [Value: MemoryPlan.Place] = [:]
        for (index, node) in graph.nodes.enumerated() {
            for result in node.results.indices {
                let value = Value(node: index, result: result)
                let root = root(value)
                let offset = blocks[root.node].map { block in
                    graph.nodes[root.node].results[..<root.result].reduce(block.offset) { $0 + aligned($1.byteCount) }
                }
                places[value] = offset.map { .arena($0) } ?? .source(root.node)
            }
        }
        return places
    }

    private func firstFreeOffset(for block: Block, among placed: [Block]) -> Int {
        var offset = 0
        for other in placed where other.isAlive(with: block) {
            if offset + block.byteCount <= other.offset { break }
            offset = max(offset, other.end)
        }
        return offset
    }

    private func sizeOf(_ node: Int) -> Int { blocks[node]?.byteCount ?? 0 }

    private func root(_ value: Value) -> Value {
        guard graph.nodes[value.node].operation.isView else { return value }
        return root(graph.nodes[value.node].inputs[0])
    }

    private func aligned(_ byteCount: Int) -> Int { (byteCount + alignment - 1) / alignment * alignment }
}

extension Operation {
    /// Whether its results need memory of their own.
    fileprivate var writesMemory: Bool {
        switch role {
        case .source, .view, .gather: false
        case .computation, .update, .reduction, .scatter: true
        }
    }
}
