public import Tensors

/// What an operator of MindSpore takes: a value computed before it, or a number, flag, text, row of numbers or tensor.
public protocol MindSporeArgument {
    /// The argument as a case.
    var asArgument: MindSporeCalls.Argument { get }
}

/// A number, a flag, a text, numbers in a row or a tensor: the value of an argument or of an attribute.
public protocol MindSporeConstant: MindSporeArgument {
    /// The value as a case.
    var literal: MindSporeLiteral { get }
}

extension MindSporeConstant {
    /// A literal.
    public var asArgument: MindSporeCalls.Argument { .literal(literal) }
}

/// The kinds of constants that MindSpore's files have.
public enum MindSporeLiteral {
    case bool(Bool)
    case int(Int)
    case float(Float)
    case string(String)
    case ints([Int])
    case tensor(Tensor)
}

extension Bool: MindSporeConstant {
    /// A flag.
    public var literal: MindSporeLiteral { .bool(self) }
}

extension Int: MindSporeConstant {
    /// A whole number.
    public var literal: MindSporeLiteral { .int(self) }
}

extension Float: MindSporeConstant {
    /// A number.
    public var literal: MindSporeLiteral { .float(self) }
}

extension String: MindSporeConstant {
    /// A text.
    public var literal: MindSporeLiteral { .string(self) }
}

extension [Int]: MindSporeArgument, MindSporeConstant {
    /// A tuple of whole numbers.
    public var literal: MindSporeLiteral { .ints(self) }
}

extension Tensor: MindSporeConstant {
    /// A tensor.
    public var literal: MindSporeLiteral { .tensor(self) }
}

/// A value of a graph written in MindSpore's operators.
public struct MindSporeValue: MindSporeArgument {
    let number: Int

    /// Its type.
    public let type: MindSporeType

    /// A value.
    public var asArgument: MindSporeCalls.Argument { .value(number) }
}

/// The type of a value whose batch size may be open.
public struct MindSporeType: Hashable, Sendable {
    /// The size of a dimension that depends on the batch size, where that is open.
    public static let open = -1

    /// The sizes of the dimensions.
    public let dimensions: [Int]

    /// The type of the elements.
    public let elementType: ElementType

    /// Makes a type.
    public init(_ dimensions: [Int], _ elementType: ElementType = .float32) {
        self.dimensions = dimensions
        self.elementType = elementType
    }

    /// A type whose batch size is known.
    public init(_ type: TensorType) {
        self.init(type.shape.dimensions, type.elementType)
    }

    /// The number of dimensions.
    public var rank: Int { dimensions.count }

    /// The type with a dimension of size 1 more.
    package func insertingOne(at axis: Int) -> MindSporeType {
        MindSporeType(dimensions[..<axis] + [1] + dimensions[axis...], elementType)
    }
}
