import Graphs
import Tensors

/// Where every intermediate value of a graph lies in one arena, so that a step allocates nothing.
///
/// A block is alive from the node that writes it to the last node that reads it, where that runs, and what a kernel computes with
/// beside them is alive for its node; blocks that are never
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
    private let scratch: [Int: Range<Int>]

    init(_ graph: Graph, alignment: Int = 64, fusions: Fusions = .none) {
        var planner = Planner(graph, alignment: alignment, fusions: fusions)
        planner.place()
        byteCount = planner.byteCount
        places = planner.places()
        scratch = planner.scratch()
    }

    /// The bytes of the arena that a node's kernel computes with; nil if it needs none.
    func scratch(of node: Int) -> Range<Int>? { scratch[node] }

    /// Where a value lies; a reshaped value lies where the original does.
    func place(of value: Value) -> Place {
        guard let place = places[value] else { fatalError("\(value) was not planned") }
        return place
    }
}

/// Memory that one node writes: all its results, one behind the other, or what its kernel computes with.
private struct Block {
    /// Which one it is. Of two blocks of a size the lesser is placed first, so that the plan is the same on every rank.
    struct Key: Hashable, Comparable {
        let node: Int
        var isScratch = false

        static func < (a: Key, b: Key) -> Bool { (a.node, a.isScratch ? 1 : 0) < (b.node, b.isScratch ? 1 : 0) }
    }

    let byteCount: Int
    let firstNode: Int
    var lastNode: Int
    /// The bytes that a kernel asked for, of which ``byteCount`` may be a few more.
    var scratchByteCount = 0
    var offset = 0

    var end: Int { offset + byteCount }

    func isAlive(with other: Block) -> Bool {
        firstNode <= other.lastNode && other.firstNode <= lastNode
    }
}

private struct Planner {
    private let graph: Graph
    private let alignment: Int
    private var blocks: [Block.Key: Block] = [:]

    init(_ graph: Graph, alignment: Int, fusions: Fusions) {
        self.graph = graph
        self.alignment = alignment
        for (index, node) in graph.nodes.enumerated()
        where node.operation.writesMemory && !node.results.isEmpty && !fusions.needsNoMemory(index) {
            let size = node.results.reduce(0) { $0 + aligned($1.byteCount) }
            blocks[Block.Key(node: index)] = Block(byteCount: size, firstNode: index, lastNode: index)
        }
        for (index, node) in graph.nodes.enumerated() {
            let count = node.operation.scratchCount(
                inputs: node.inputs.map { graph.type(of: $0).shape }, results: node.results.map(\.shape))
            guard count > 0 else { continue }
            let size = count * MemoryLayout<Float>.stride
            blocks[Block.Key(node: index, isScratch: true)] = Block(
                byteCount: aligned(size), firstNode: index, lastNode: index, scratchByteCount: size)
        }
        for (index, node) in graph.nodes.enumerated() {
            for input in node.inputs { keep(root(input).node, until: fusions.place(of: index)) }
        }
        for output in graph.outputs { blocks[Block.Key(node: root(output).node)]?.lastNode = graph.nodes.count }
    }

    private mutating func keep(_ node: Int, until reader: Int) {
        let key = Block.Key(node: node)
        guard let last = blocks[key]?.lastNode else { return }
        blocks[key]?.lastNode = max(last, reader)
    }

    var byteCount: Int { blocks.values.map(\.end).max() ?? 0 }

    mutating func place() {
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
                let offset = blocks[Block.Key(node: root.node)].map { block in
                    graph.nodes[root.node].results[..<root.result].reduce(block.offset) { $0 + aligned($1.byteCount) }
                }
                places[value] = offset.map { .arena($0) } ?? .source(root.node)
            }
        }
        return places
    }

    func scratch() -> [Int: Range<Int>] {
        let pairs = blocks.filter(\.key.isScratch).map { key, block in
            (key.node, block.offset..<block.offset + block.scratchByteCount)
        }
        return Dictionary(uniqueKeysWithValues: pairs)
    }

    private func firstFreeOffset(for block: Block, among placed: [Block]) -> Int {
        var offset = 0
        for other in placed where other.isAlive(with: block) {
            if offset + block.byteCount <= other.offset { break }
            offset = max(offset, other.end)
        }
        return offset
    }

    private func sizeOf(_ key: Block.Key) -> Int { blocks[key]?.byteCount ?? 0 }

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
