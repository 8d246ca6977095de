package import Tensors

extension TensorType {
    /// Describes a tensor of dimensions found in a file; nil if its bytes cannot be counted.
    package init?(checking elementType: ElementType, _ dimensions: [Int]) {
        var byteCount = 1
        for factor in dimensions + [elementType.byteCount] {
            let (product, overflow) = byteCount.multipliedReportingOverflow(by: factor)
            guard factor >= 0, !overflow else { return nil }
            byteCount = product
        }
        self.init(Shape(dimensions), elementType)
    }
}

extension ElementType {
    /// Whether the elements are integers, of which NumPy has a type.
    package var isInteger: Bool { isSigned || [.uint8, .uint16, .uint32, .uint64].contains(self) }

    /// Whether the elements are integers with a sign.
    package var isSigned: Bool { [.int4, .int8, .int16, .int32, .int64].contains(self) }
}
