import Tensors

/// Calls of MindSpore's operators, written down one after the other: what an operation becomes in a MindIR.
public struct MindSporeCalls {
    /// What a call takes.
    public enum Argument {
        /// An input, or the result of a call: inputs count first.
        case value(Int)
        case literal(MindSporeLiteral)
    }

    /// One operator with what it takes.
    package struct Call {
        package let primitive: MindSporeOperator
        package let arguments: [Argument]
        package let attributes: [(name: String, value: MindSporeLiteral)]
        package let results: [MindSporeType]
    }

    /// The inputs of the operation.
    public let x: [MindSporeValue]

    /// The types of its results.
    public let types: [MindSporeType]

    /// The type of its first result.
    public var type: MindSporeType { types[0] }

    /// The calls, in order.
    package private(set) var calls: [Call] = []

    package init(inputs: [MindSporeType], giving types: [MindSporeType]) {
        x = inputs.enumerated().map { MindSporeValue(number: $0, type: $1) }
        self.types = types
    }

    /// Applies an operator that has one result, by default of the type of the operation's.
    public mutating func call(
        _ primitive: MindSporeOperator, _ arguments: any MindSporeArgument...,
        attributes: KeyValuePairs<String, any MindSporeConstant> = [:], giving type: MindSporeType? = nil
    ) -> MindSporeValue {
        append(primitive, arguments, attributes, results: [type ?? self.type])
    }

    /// Applies an operator that has several results, of which the first is wanted.
    public mutating func callForFirst(
        _ primitive: MindSporeOperator, _ arguments: any MindSporeArgument...,
        attributes: KeyValuePairs<String, any MindSporeConstant> = [:], giving types: [MindSporeType]
    ) -> MindSporeValue {
        let tuple = append(primitive, arguments, attributes, results: types)
        return call(.tupleGetItem, tuple, 0, giving: types[0])
    }

    /// Applies an operator that has several results, of which all are wanted.
    public mutating func callForAll(
        _ primitive: MindSporeOperator, _ arguments: any MindSporeArgument...,
        attributes: KeyValuePairs<String, any MindSporeConstant> = [:], giving types: [MindSporeType]
    ) -> [MindSporeValue] {
        let tuple = append(primitive, arguments, attributes, results: types)
        return types.indices.map { call(.tupleGetItem, tuple, $0, giving: types[$0]) }
    }

    mutating func append(
        _ primitive: MindSporeOperator, _ arguments: [any MindSporeArgument],
        _ attributes: KeyValuePairs<String, any MindSporeConstant>, results: [MindSporeType]
    ) -> MindSporeValue {
        calls.append(
            Call(
                primitive: primitive, arguments: arguments.map(\.asArgument),
                attributes: attributes.map { ($0.key, $0.value.literal) }, results: results))
        return MindSporeValue(number: x.count + calls.count - 1, type: results[0])
    }

    /// The number of a value, as ``Argument/value(_:)`` has it.
    package func number(of value: MindSporeValue) -> Int { value.number }
}

extension MindSporeCalls {
    /// A shape for Reshape, which finds one size itself.
    public func openOnce(_ dimensions: [Int]) throws(NoMindSporeForm) -> [Int] {
        guard dimensions.count(where: { $0 == MindSporeType.open }) <= 1 else {
            throw NoMindSporeForm("two dimensions of its result depend on the batch size, which is open")
        }
        return dimensions
    }

    /// A shape none of which depends on the batch size.
    public func known(_ dimensions: [Int]) throws(NoMindSporeForm) -> [Int] {
        guard !dimensions.contains(MindSporeType.open) else {
            throw NoMindSporeForm("its settings depend on the batch size, which is open")
        }
        return dimensions
    }

    /// The sum over some dimensions, which are then gone.
    mutating func sum(_ x: MindSporeValue, over axes: [Int]) -> MindSporeValue {
        // No axes would mean all of them.
        axes.isEmpty ? x : call(.reduceSum, x, axes, false, false)
    }

    /// The mean of all elements of the first input.
    package mutating func mean() -> MindSporeValue {
        x[0].type.rank == 0 ? x[0] : call(.reduceMean, x[0], Array(0..<x[0].type.rank), false)
    }

    /// A vector with dimensions of size 1 around it, so that it lies along one dimension of `type`.
    mutating func alongAxis(_ axis: Int, of type: MindSporeType, _ vector: MindSporeValue) -> MindSporeValue {
        guard type.rank > 1 else { return vector }
        let shape = (0..<type.rank).map { $0 == axis ? -1 : 1 }
        let dimensions = (0..<type.rank).map { $0 == axis ? type.dimensions[axis] : 1 }
        return call(.reshape, vector, shape, giving: MindSporeType(dimensions))
    }
}

/// Why an operation has no form in MindSpore's operators.
public struct NoMindSporeForm: Error {
    /// The reason, as "it drops other elements in each step".
    public let reason: String

    /// Makes an error.
    public init(_ reason: String) {
        self.reason = reason
    }

    /// It is one rank's part of something.
    package static var partOfSeveralRanks: NoMindSporeForm {
        NoMindSporeForm("it is a part of what several ranks do together; trace the whole network for one rank")
    }
}
