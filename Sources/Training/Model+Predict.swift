import Collectives
import Execution
import Graphs
import Memory
import Networks
public import Tensors

extension Model {
    /// What the network makes of an input: its forward pass, without dropout (MindSpore's `Model.predict`).
    ///
    /// ```swift
    /// let scores = try model.predict(Tensor(pixels, shape: [2, 1, 32, 32]))   // [2, 10]
    /// ```
    ///
    /// `input` has the samples in dimension 0, as many as you like; a program is made for each new shape and kept for the next
    /// call. The result has memory of its own. A network that takes no such input ends the program with a sentence that
    /// names the layer, the shape and what is allowed.
    ///
    /// Each rank predicts for itself, and needs no other, unless the network is split: then the ranks of an axis `tp` give
    /// the same input, and all get the whole result of a ``PartitionedCell``, and of other networks their part of it.
    ///
    /// - Throws: ``ModelError/badInput(_:)`` for an input without samples or of elements that no network computes with;
    ///   `CollectiveError` if a rank is lost.
    public func predict(_ input: Tensor) throws -> Tensor { try predict([input])[0] }

    /// What a network of several inputs makes of them; see ``predict(_:)-(Tensor)`` and ``MultiInputCell``.
    public func predict(inputs: [Tensor]) throws -> Tensor { try predict(inputs)[0] }

    /// All outputs of a network for all its inputs; see ``predict(_:)-(Tensor)`` and ``BranchedCell``.
    ///
    /// - Throws: as ``predict(_:)-(Tensor)``.
    public func predict(_ inputs: [Tensor]) throws -> [Tensor] {
        let types = inputs.map(\.type)
        insist(!types.isEmpty, "\(type(of: network)) predicts nothing from no input")
        for type in types where !Prediction.isPossible(from: type) { throw ModelError.badInput(type) }
        if prediction?.types != types { prediction = nil }
        let prediction = try prediction ?? Prediction(of: self, for: types)
        self.prediction = prediction
        return try prediction.run(on: inputs)
    }
}

/// The forward pass of a model's network for inputs of some types.
struct Prediction {
    /// Of the inputs.
    let types: [TensorType]

    private let program: Program

    /// The types of the whole results, and the ranks that may have parts of them.
    private let wholes: [TensorType]
    private let ranks: (any Communicator)?

    init(of model: Model, for types: [TensorType]) throws {
        self.types = types
        let graph = Self.graph(of: model.network, for: types)
        let isSplit = model.settings.placement.tensorParts > 1
        let groups = try isSplit ? model.groups() : [:]
        program = Program(graph, on: model.backend, groups: groups)
        let network = isSplit ? (model.network as? any PartitionedCell)?.whole() : nil
        let whole = network.map { Self.graph(of: $0, for: types) } ?? graph
        wholes = whole.outputs.map(whole.type)
        ranks = groups[Placement.tensorAxis]
    }

    /// Whether networks compute with it.
    static func isPossible(from type: TensorType) -> Bool {
        type.shape.rank > 0 && type.shape.elementCount > 0 && [.float32, .int32].contains(type.elementType)
    }

    private static func graph(of network: any Cell, for types: [TensorType]) -> Graph {
        let trace = Trace()
        let inputs = types.enumerated().map { trace.input($0 == 0 ? "x" : "x\($0 + 1)", $1) }
        return trace.finish(outputs: network.checked(inputs))
    }

    func run(on inputs: [Tensor]) throws(CollectiveError) -> [Tensor] {
        for (place, input) in zip(program.inputs, inputs) { place.copy(from: input) }
        try program.run()
        var results: [Tensor] = []
        for (part, whole) in zip(program.outputs, wholes) {
            let result = Tensor(zeros: whole.shape, elementType: whole.elementType)
            if let ranks, part.type != whole {
                try gather(part, of: ranks, into: result)
            } else {
                result.copy(from: part)
            }
            results.append(result)
        }
        return results
    }

    /// Puts the parts of all ranks, one after the other, into the dimension in which theirs are smaller than the whole.
    private func gather(_ part: Tensor, of ranks: any Communicator, into result: Tensor) throws(CollectiveError) {
        let gathered = Slice<UInt8>(zeros: part.bytes.count * ranks.size)
        var span = gathered.mutableSpan
        try ranks.allGather(part.bytes.span, into: &span)
        let (own, all) = (part.shape.dimensions, result.shape.dimensions)
        guard let dimension = own.indices.first(where: { own[$0] != all[$0] }), result.bytes.count == gathered.count
        else {
            misuse(
                "the parts of the result are \(part.type) on \(ranks.size) ranks, which do not make the whole, \(result.type)"
            )
        }
        let rows = own[..<dimension].reduce(1, *)
        let block = part.bytes.count / rows
        for row in 0..<rows {
            for rank in 0..<ranks.size {
                let (to, from) = ((row * ranks.size + rank) * block, (rank * rows + row) * block)
                result.bytes[to..<to + block].copy(from: gathered[from..<from + block])
            }
        }
    }
}
