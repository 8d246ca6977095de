import Memory
public import Tensors

/// What a node of a graph does: a value that knows itself.
///
/// Shapes, gradient, kernel, cost and MindSpore's form stand side by side in one type, and whoever needs one of them asks
/// the value: nothing in the runtime knows all operations. Those that come with Lockstep lie in the folder `Operations`;
/// your own conforms in your package:
///
/// ```swift
/// /// x / (1 + |x|)
/// struct Softsign: Graphs.Operation {
///     func kernel(_ operands: Operands) -> () -> Void {
///         operands.unary { x, y in
///             for index in x.indices { y[index] = x[index] / (1 + abs(x[index])) }
///         }
///     }
///
///     /// 1 / (1 + |x|)², which is (1 − |y|)².
///     func inputGradients(x: [Symbol], y: [Symbol], g: Symbol) -> [Symbol?] {
///         [g * (-y[0].maximum(-y[0]) + 1).square()]
///     }
/// }
/// ```
public protocol Operation: CustomStringConvertible {
    /// What it is called, without its settings, in messages and profiles. By default the name of its type, as "softsign".
    var name: String { get }

    /// Name and settings, as "gatherRows(first: 0)": two operations with one description do the same. By default the name
    /// and the stored properties.
    var description: String { get }

    /// ``description`` without what a run that carries on may change, such as a seed. By default all of it.
    var structure: String { get }

    /// What it is to the memory plan and the executor; by default it computes.
    var role: OperationRole { get }

    /// How many inputs it takes. By default nil: as many as ``resultTypes(of:)`` allows, from 1 on.
    var inputCount: Int? { get }

    /// Whether its kernel changes an input in its place, if that is a parameter. By default an update changes all of its inputs,
    /// a gather the first, and nothing else any.
    func changes(input index: Int) -> Bool

    /// The type that the elements of an input must have, nil if any; by default `float32`.
    func elementType(ofInput index: Int) -> ElementType?

    /// The types of the results. By default all inputs have one type, and so has the one result.
    ///
    /// - Throws: ``Misfit`` where the inputs are not what the operation takes. See
    ///   ``Operation/demand(_:_:_:)``.
    func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType]

    /// The gradients of the inputs `x` from that of the first result, `g`, and the results `y`; nil for an input that has
    /// none, such as labels. By default there is no gradient, and asking for one ends the program.
    func inputGradients(x: [Symbol], y: [Symbol], g: Symbol) -> [Symbol?]

    /// The gradients of the inputs from those of all results, of which a loss may depend on some only. By default further
    /// results are by-products, on which no loss depends.
    func inputGradients(x: [Symbol], y: [Symbol], gradients: [Symbol?]) -> [Symbol?]

    /// What runs in a step. It is asked for once: sizes are worked out here, and the closure allocates nothing.
    func kernel(_ operands: Operands) -> () -> Void

    /// How many numbers of ``Operands/scratch`` its kernel computes with beside inputs and results. They lie in the memory of the
    /// step, which others use before and after. By default none.
    func scratchCount(inputs: [Shape], results: [Shape]) -> Int

    /// The floating-point operations of a run, for profiles; nil, as by default, where they say nothing about its speed.
    func operationCount(inputs: [Shape], results: [Shape]) -> Double?

    /// The share of elements that it drops at random; nil, as by default, if it drops none ever.
    var dropoutRate: Float? { get }

    /// Writes the operation in MindSpore's operators, for MindIR, and returns its first result.
    ///
    /// - Throws: ``NoMindSporeForm`` with the reason why it has no such form, as by default.
    func mindSporeForm(_ calls: inout MindSporeCalls) throws(NoMindSporeForm) -> MindSporeValue

    /// The same for an operation of several results: the first, and those behind it that MindSpore has too, in order. By default
    /// the first alone.
    func mindSporeForms(_ calls: inout MindSporeCalls) throws(NoMindSporeForm) -> [MindSporeValue]

    /// How many of its inputs ``mindSporeForm(_:)`` reads; by default all.
    var mindSporeInputCount: Int? { get }

    /// Whether its settings follow from the types of its results, as a shape does. They may then depend on a batch size that
    /// a MindIR leaves open. By default they do not.
    var settingsFollowFromResults: Bool { get }
}

extension Operation {
    /// Throws a sentence unless a condition holds: the operation, what it needs, and the types that it was given instead.
    public func demand(
        _ condition: Bool, _ needs: @autoclosure () -> String, _ inputs: [TensorType] = []
    ) throws(Misfit) {
        guard !condition else { return }
        throw Misfit("\(self) \(needs())" + (inputs.isEmpty ? "" : " \(list(inputs))"))
    }

    private func list(_ types: [TensorType]) -> String { types.map(\.description).joined(separator: ", ") }

    /// Throws unless the first input is a matrix.
    public func demandMatrix(_ inputs: [TensorType]) throws(Misfit) {
        try demand(inputs[0].shape.rank == 2, "needs a matrix, not", inputs)
    }

    /// ``resultTypes(of:)`` for as many inputs as it takes, whose elements have the right types.
    func checkedTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] {
        if inputs.count != inputCount ?? max(inputs.count, 1) {
            let wanted = inputCount.map { "\($0) input\($0 == 1 ? "" : "s")" } ?? "at least 1 input"
            throw Misfit("\(self) takes \(wanted), not \(inputs.isEmpty ? "none" : "\(inputs.count): \(list(inputs))")")
        }
        for (index, input) in inputs.enumerated() {
            guard let wanted = elementType(ofInput: index) else { continue }
            try demand(input.elementType == wanted, "needs \(wanted) as input \(index), not", inputs)
        }
        return try resultTypes(of: inputs)
    }

    /// Whether its result is its first input, in the same memory.
    package var isView: Bool {
        if case .view = role { true } else { false }
    }

    /// Whether it changes something beyond its results, so that it runs even if nobody uses them.
    package var isUpdate: Bool {
        switch role {
        case .update, .gather: true
        case .computation, .view, .source, .reduction, .scatter: false
        }
    }
}

/// Why an operation cannot be applied: one sentence with the operation and what it was given.
public struct Misfit: Error, CustomStringConvertible {
    /// The sentence.
    public let sentence: String

    /// Makes an error.
    public init(_ sentence: String) {
        self.sentence = sentence
    }

    /// The sentence.
    public var description: String { sentence }
}
