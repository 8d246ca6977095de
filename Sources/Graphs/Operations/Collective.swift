public import Collectives
public import Tensors

// Operations over the ranks of a group, by the name under which a program is given the group.

/// Each input combined over all ranks of a group. It starts when its inputs exist and is awaited where a result is used;
/// several inputs travel as one message.
public struct AllReduce: Operation, Sendable {
    let operation: ReduceOperation
    let group: String

    /// As `allReduce(Collectives.ReduceOperation.sum, group: "dp")`.
    public var description: String { "\(name)(\(String(reflecting: operation)), group: \"\(group)\")" }

    /// A reduction.
    public var role: OperationRole { .reduction(operation, group: group) }

    /// Those of the inputs.
    public func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] { inputs }

    /// Every rank has the whole gradient of a sum, which is that of each summand. That of a mean is the mean of the gradients, for
    /// the loss that is made small is the mean over the ranks too. Others have none.
    public func inputGradients(x: [Symbol], y: [Symbol], gradients: [Symbol?]) -> [Symbol?] {
        switch operation {
        case .sum: return gradients
        case .average:
            let present = gradients.compactMap(\.self)
            guard !present.isEmpty else { return gradients }
            var averaged = x[0].trace.apply(self, to: present)[...]
            return gradients.map { $0 == nil ? nil : averaged.popFirst() }
        default: return gradients.map { $0.flatMap { inputGradients(x: x, y: y, g: $0)[0] } }
        }
    }

    /// It is a part of what several ranks do.
    public func mindSporeForm(_ calls: inout MindSporeCalls) throws(NoMindSporeForm) -> MindSporeValue {
        throw .partOfSeveralRanks
    }
}

/// The input itself, whose gradient is the sum over a group of ranks that each use it for a part.
struct Replicate: Operation {
    let group: String

    var inputCount: Int? { 1 }

    var role: OperationRole { .view }

    func inputGradients(x: [Symbol], y: [Symbol], g: Symbol) -> [Symbol?] { [g.apply(.allReduce(.sum, group: group))] }

    func mindSporeForm(_ calls: inout MindSporeCalls) throws(NoMindSporeForm) -> MindSporeValue {
        throw .partOfSeveralRanks
    }
}

/// This rank's part, one of `parts` along dimension 0, of the input averaged over a group.
public struct ReduceScatter: Operation, Sendable {
    let group: String
    let parts: Int

    /// What is reduced.
    public var inputCount: Int? { 1 }

    /// A scatter.
    public var role: OperationRole { .scatter(group: group) }

    /// The part's.
    public func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] {
        let x = inputs[0].shape
        try demand(x.rank > 0 && x[0] % parts == 0, "cannot divide", inputs)
        return [TensorType(Shape([x[0] / parts] + x.dimensions.dropFirst()))]
    }

    /// It is a part of what several ranks do.
    public func mindSporeForm(_ calls: inout MindSporeCalls) throws(NoMindSporeForm) -> MindSporeValue {
        throw .partOfSeveralRanks
    }
}

/// Collects the parts that the ranks of a group have of the first input, along dimension 0, into it.
public struct AllGather: Operation, Sendable {
    let group: String

    /// The whole, and the part.
    public var inputCount: Int? { 2 }

    /// A gather.
    public var role: OperationRole { .gather(group: group) }

    /// None: it changes its first input.
    public func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] { [] }

    /// It is a part of what several ranks do.
    public func mindSporeForm(_ calls: inout MindSporeCalls) throws(NoMindSporeForm) -> MindSporeValue {
        throw .partOfSeveralRanks
    }
}

extension Operation where Self == AllReduce {
    /// See ``AllReduce``.
    public static func allReduce(_ operation: ReduceOperation, group: String) -> Self {
        Self(operation: operation, group: group)
    }
}

extension Operation where Self == Replicate {
    static func replicate(group: String) -> Self { Self(group: group) }
}

extension Operation where Self == ReduceScatter {
    /// See ``ReduceScatter``.
    public static func reduceScatter(group: String, parts: Int) -> Self { Self(group: group, parts: parts) }
}

extension Operation where Self == AllGather {
    /// See ``AllGather``.
    public static func allGather(group: String) -> Self { Self(group: group) }
}
