import Memory
public import Tensors

/// Where a graph begins: operations without inputs.
public enum GraphSource: Operation {
    /// A value that the caller provides.
    case input(name: String)
    /// A parameter, read where it lies.
    case parameter(Parameter)
    /// A value fixed at tracing.
    case constant(Tensor)

    /// "input", "parameter" or "constant".
    public var name: String {
        switch self {
        case .input: "input"
        case .parameter: "parameter"
        case .constant: "constant"
        }
    }

    /// It begins a graph.
    public var inputCount: Int? { 0 }

    /// What it is, by name; a constant is told from others of its type by its elements.
    public var description: String {
        switch self {
        case .input(let name): return "input(name: \(String(reflecting: name)))"
        case .parameter(let parameter): return "parameter(\(parameter))"
        case .constant(let tensor):
            guard tensor.type != TensorType(.scalar) else { return "constant(\(tensor.elements(of: Float.self)[0]))" }
            return "constant(\(tensor.type) \(String(tensor.contentHash, radix: 16)))"
        }
    }

    /// A source.
    public var role: OperationRole { .source(self) }

    /// Its own type; that of an input is given where it is made.
    public func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] {
        switch self {
        case .input: throw Misfit("\(self) has the type that Trace.input(_:_:) gives it")
        case .parameter(let parameter): return [parameter.type]
        case .constant(let tensor): return [tensor.type]
        }
    }

    /// It has no inputs.
    public func inputGradients(x: [Symbol], y: [Symbol], g: Symbol) -> [Symbol?] { [] }
}
