/// What a tensor is: its shape and the type of its elements.
public struct TensorType: Hashable, Sendable, CustomStringConvertible {
    /// The sizes of the dimensions; none for a scalar.
    public let shape: Shape

    /// The type of the elements.
    public let elementType: ElementType

    /// Describes a tensor.
    public init(_ shape: Shape, _ elementType: ElementType = .float32) {
        self.shape = shape
        self.elementType = elementType
    }

    /// The size of the elements in bytes.
    public var byteCount: Int { shape.elementCount * elementType.byteCount }

    /// As in "Float32[2, 3]".
    public var description: String { "\(elementType.mindSporeName)\(shape)" }
}
