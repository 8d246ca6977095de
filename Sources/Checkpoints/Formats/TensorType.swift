public import Tensors

/// What a tensor in a file is: the type of its elements and its shape.
public struct TensorType: Hashable, Sendable, CustomStringConvertible {
    /// The type of the elements.
    public let elementType: ElementType

    /// The sizes of the dimensions; none for a scalar.
    public let shape: Shape

    /// Describes a tensor.
    public init(_ elementType: ElementType, _ shape: Shape) {
        self.elementType = elementType
        self.shape = shape
    }

    /// The size of the contents in bytes.
    public var byteCount: Int { shape.elementCount * elementType.byteCount }

    /// The type as in "Float32 [2, 3]".
    public var description: String { "\(elementType.mindSporeName) \(shape)" }
}
