public import Collectives
public import Graphs
import Memory
public import Tensors

/// A graph made ready to run: memory planned, kernels chosen, reductions prepared. A run allocates nothing.
public final class Program {
    /// Where the caller puts the graph's inputs before a run, in order.
    public let inputs: [Tensor]

    /// Where the caller finds the graph's outputs after a run, in order; the next run overwrites them.
    public let outputs: [Tensor]

    /// The size of the memory that all intermediate values share, in bytes.
    public let arenaByteCount: Int

    /// Where it is while it runs.
    public let progress: ProgramProgress

    private let instructions: [Instruction]
    private let profile: Profile?
    private let labels: [ProfileLabel]
    private let reductions: ReductionQueue

    /// Prepares a graph.
    ///
    /// `groups` are the communicators that its collectives name.
    public init(_ graph: Graph, on backend: CPUBackend, groups: [String: any Communicator] = [:]) {
        let storage = Storage(graph)
        var compiler = Compiler(graph, storage: storage, backend: backend, groups: groups)
        let instructions = compiler.compile()
        self.instructions = instructions
        progress = ProgramProgress(operations: instructions.map(\.name))
        profile = backend.profile
        labels = backend.profile == nil ? [] : instructions.map { ProfileLabel($0, in: graph) }
        reductions = ReductionQueue(
            compiler.requests, profile: profile,
            labels: backend.profile == nil
                ? [] : instructions.filter(\.startsReduction).map { ProfileLabel(reductionOf: $0, in: graph) })
        inputs = graph.inputs.map(storage.tensor)
        outputs = graph.outputs.map(storage.tensor)
        arenaByteCount = storage.arena.byteCount
    }

    /// Runs the graph once.
    ///
    /// - Throws: `CollectiveError` if a reduction fails.
    public func run() throws(CollectiveError) {
        reductions.reset()
        defer { progress.end() }
        if let profile, profile.isRecording { return try run(recordingInto: profile) }
        // By index: an unoptimised build allocates for each element that an iterator hands out.
        for index in instructions.indices {
            try perform(index)
            try reductions.advance()
        }
    }

    private func run(recordingInto profile: Profile) throws(CollectiveError) {
        for index in instructions.indices {
            let start = profile.now
            try perform(index)
            profile.record(labels[index], from: start)
            try reductions.advance()
        }
    }

    private func perform(_ index: Int) throws(CollectiveError) {
        progress.move(to: index)
        switch instructions[index].action {
        case .compute(let kernel): kernel()
        case .startReduction(let fill):
            fill()
            try reductions.startNext()
        case .awaitReduction(let index): try reductions.wait(upTo: index)
        case .communicate(let exchange): try exchange()
        }
    }
}

/// One thing that a program does.
struct Instruction {
    typealias Communication = () throws(CollectiveError) -> Void

    enum Action {
        case compute(() -> Void)
        /// Fills the message of the next reduction, then starts it.
        case startReduction(fill: () -> Void)
        /// Waits until the reduction with this number is done.
        case awaitReduction(Int)
        /// A collective that every rank waits in.
        case communicate(Communication)
    }

    /// The operation and where it comes from, such as "matrixMultiply fc1", for reports.
    let name: String

    /// The indices of the nodes that it runs, in order; of a wait, the node that it comes before.
    let nodes: [Int]
    let action: Action

    var startsReduction: Bool {
        if case .startReduction = action { return true }
        return false
    }
}

/// Where the values of one program lie.
final class Storage {
    let arena: Buffer
    let fusions: Fusions
    private let graph: Graph
    private let plan: MemoryPlan
    private var sources: [Int: Tensor] = [:]

    init(_ graph: Graph) {
        self.graph = graph
        fusions = Fusions(graph)
        plan = MemoryPlan(graph, alignment: Buffer.alignment, fusions: fusions)
        arena = Buffer(byteCount: plan.byteCount)
        for (index, node) in graph.nodes.enumerated() {
            guard case .source(let source) = node.operation.role else { continue }
            let type = node.results[0]
            sources[index] =
                switch source {
                case .input: Tensor(zeros: type.shape, elementType: type.elementType)
                case .parameter(let parameter): parameter.tensor
                case .constant(let tensor): tensor
                }
        }
    }

    func tensor(_ value: Value) -> Tensor {
        let type = graph.type(of: value)
        return Tensor(shape: type.shape, elementType: type.elementType, bytes: bytes(of: value, count: type.byteCount))
    }

    /// The results of an all-reduce as one stretch of memory.
    func message(of node: Int) -> Slice<Float> {
        let results = graph.nodes[node].results.indices.map { tensor(Value(node: node, result: $0)).bytes }
        guard let first = results.first, let last = results.last else { fatalError("node \(node) reduces nothing") }
        let byteCount = last.byteOffset + last.byteCount - first.byteOffset
        return Slice<UInt8>(of: arena, byteOffset: first.byteOffset, count: byteCount).rebound(to: Float.self)
    }

    /// What a kernel computes with.
    func scratch(of node: Int) -> Slice<Float> {
        guard let range = plan.scratch(of: node) else { return Slice(zeros: 0) }
        return Slice<UInt8>(of: arena, byteOffset: range.lowerBound, count: range.count).rebound(to: Float.self)
    }

    private func bytes(of value: Value, count: Int) -> Slice<UInt8> {
        switch plan.place(of: value) {
        case .arena(let offset): return Slice(of: arena, byteOffset: offset, count: count)
        case .source(let node):
            guard let tensor = sources[node] else { fatalError("node \(node) is no source") }
            return tensor.bytes
        }
    }
}
