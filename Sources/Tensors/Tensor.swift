public import Memory

/// A multi-dimensional array: a shape, an element type, and a view of memory.
///
/// A tensor is a reference, as in MindSpore: copies see the same elements, and writing through ``slice(of:)`` changes all of
/// them.
public struct Tensor: Sendable {
    /// The sizes of the dimensions.
    public let shape: Shape

    /// The type of the elements.
    public let elementType: ElementType

    /// The elements' bytes: `shape.elementCount * elementType.byteCount`, little-endian, in row-major order.
    public let bytes: Slice<UInt8>

    /// Makes a tensor that views `bytes`.
    public init(shape: Shape, elementType: ElementType, bytes: Slice<UInt8>) {
        insist(
            bytes.count == shape.elementCount * elementType.byteCount,
            "\(bytes.count) bytes do not make a \(shape) of \(elementType)")
        self.shape = shape
        self.elementType = elementType
        self.bytes = bytes
    }

    /// Makes a tensor of zeros with memory of its own.
    public init(zeros shape: Shape, elementType: ElementType = .float32) {
        self.init(
            shape: shape, elementType: elementType,
            bytes: Slice(zeros: shape.elementCount * elementType.byteCount))
    }

    /// Makes a tensor with memory of its own from elements in row-major order.
    public init<Element: TensorElement>(_ elements: [Element], shape: Shape) {
        insist(elements.count == shape.elementCount, "\(elements.count) elements do not make a \(shape)")
        self.init(zeros: shape, elementType: Element.elementType)
        let slice = slice(of: Element.self)
        var target = slice.mutableSpan
        for index in elements.indices { target[index] = elements[index] }
    }

    /// Makes a scalar.
    public init<Element: TensorElement>(scalar: Element) {
        self.init([scalar], shape: .scalar)
    }
}

extension Tensor {
    /// The shape and the type of the elements.
    public var type: TensorType { TensorType(shape, elementType) }

    /// The number of elements.
    public var elementCount: Int { shape.elementCount }

    /// The elements as a typed view; `type` must stand for ``elementType``.
    public func slice<Element: TensorElement>(of type: Element.Type) -> Slice<Element> {
        insist(Element.elementType == elementType, "a tensor of \(elementType) has no elements of \(type)")
        return bytes.rebound(to: type)
    }

    /// A copy of the elements in row-major order.
    public func elements<Element: TensorElement>(of type: Element.Type) -> [Element] {
        let elements = slice(of: type)
        return elements.span.indices.map { elements.span[$0] }
    }

    /// Overwrites the elements with those of another tensor of the same shape and type.
    public func copy(from other: Tensor) {
        insist(
            other.shape == shape && other.elementType == elementType,
            "a \(other.elementType) \(other.shape) cannot be copied to a \(elementType) \(shape)")
        bytes.copy(from: other.bytes)
    }
}
