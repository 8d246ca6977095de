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

    /// The floating-point operations of a run, for profiles; nil, as by default, where they say nothing about its speed.
    func operationCount(inputs: [Shape], results: [Shape]) -> Double?

    /// The share of elements that it drops at random; nil, as by default, if it drops none ever.
    var dropoutRate: Float? { get }

    /// Writes the operation in MindSpore's operators, for MindIR, and returns its first result.
    ///
    /// - Throws: ``NoMindSporeForm`` with the reason why it has no such form, as by default.
    func mindSporeForm(_ calls: inout MindSporeCalls) throws(NoMindSporeForm) -> MindSporeValue

    /// How many of its inputs ``mindSporeForm(_:)`` reads; by default all.
    var mindSporeInputCount: Int? { get }

    /// Whether its settings follow from the types of its results, as a shape does. They may then depend on a batch size that
    /// a MindIR leaves open. By default they do not.
    var settingsFollowFromResults: Bool { get }
}

extension Operation {
    /// The name of the type, as "softsign".
    public var name: String {
        let type = "\(Self.self)"
        return type.prefix(1).lowercased() + type.dropFirst()
    }

    /// Name and stored properties.
    public var description: String {
        let settings = Mirror(reflecting: self).children.map { setting in
            let value = String(reflecting: setting.value)
            return setting.label.map { "\($0): \(value)" } ?? value
        }
        return settings.isEmpty ? name : "\(name)(\(settings.joined(separator: ", ")))"
    }

    /// The description.
    public var structure: String { description }

    /// A computation.
    public var role: OperationRole { .computation }

    /// Float32.
    public func elementType(ofInput index: Int) -> ElementType? { .float32 }

    /// The type of the inputs, which is one.
    public func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] {
        try demand(!inputs.isEmpty, "needs an input")
        try demand(inputs.allSatisfy { $0 == inputs[0] }, "needs \(number(inputs)) of one shape, not", inputs)
        return [inputs[0]]
    }

    private func number(_ inputs: [TensorType]) -> String { inputs.count == 2 ? "two values" : "values" }

    /// None.
    public func inputGradients(x: [Symbol], y: [Symbol], g: Symbol) -> [Symbol?] {
        misuse("\(self) has no gradient: it belongs to the backward pass, or does not say")
    }

    /// Those from the first result.
    public func inputGradients(x: [Symbol], y: [Symbol], gradients: [Symbol?]) -> [Symbol?] {
        gradients[0].map { inputGradients(x: x, y: y, g: $0) } ?? x.map { _ in nil }
    }

    /// None.
    public func kernel(_ operands: Operands) -> () -> Void { misuse("\(self) does not say how it computes") }

    /// Nothing.
    public func operationCount(inputs: [Shape], results: [Shape]) -> Double? { nil }

    /// None ever.
    public var dropoutRate: Float? { nil }

    /// None.
    public func mindSporeForm(_ calls: inout MindSporeCalls) throws(NoMindSporeForm) -> MindSporeValue {
        throw NoMindSporeForm("MindSpore has no operator for it in a graph that is only run forward")
    }

    /// All.
    public var mindSporeInputCount: Int? { nil }

    /// They do not.
    public var settingsFollowFromResults: Bool { false }
}

extension Operation {
    /// Throws a sentence unless a condition holds: the operation, what it needs, and the types that it was given instead.
    public func demand(
        _ condition: Bool, _ needs: @autoclosure () -> String, _ inputs: [TensorType] = []
    ) throws(Misfit) {
        guard !condition else { return }
        let given = inputs.map(\.description).joined(separator: ", ")
        throw Misfit("\(self) \(needs())" + (given.isEmpty ? "" : " \(given)"))
    }

    /// Throws unless the first input is a matrix.
    public func demandMatrix(_ inputs: [TensorType]) throws(Misfit) {
        try demand(inputs[0].shape.rank == 2, "needs a matrix, not", inputs)
    }

    /// ``resultTypes(of:)`` for inputs whose elements have the right types.
    func checkedTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] {
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
