import Tensors

/// Something done with the elements of a tensor, whatever their type: the bytes are read as `Stored`, each of which
/// becomes a value by the closure.
protocol ElementVisitor {
    /// Whole numbers.
    mutating func visit<Stored: BitwiseCopyable, Value: FixedWidthInteger>(integers: (Stored) -> Value)

    /// Real numbers.
    mutating func visit<Stored: BitwiseCopyable>(reals: (Stored) -> Double)

    /// Complex numbers: real and imaginary part.
    mutating func visit<Stored: BitwiseCopyable>(complexes: (Stored) -> SIMD2<Double>)
}

extension ElementVisitor {
    /// Visits elements of a type.
    mutating func visit(_ type: ElementType) {
        switch type {
        case .bool, .uint8: visit(integers: { (value: UInt8) in value })
        case .int8: visit(integers: { (value: Int8) in value })
        case .uint16: visit(integers: { (value: UInt16) in value })
        case .int16: visit(integers: { (value: Int16) in value })
        case .uint32: visit(integers: { (value: UInt32) in value })
        case .int32: visit(integers: { (value: Int32) in value })
        case .uint64: visit(integers: { (value: UInt64) in value })
        case .int64: visit(integers: { (value: Int64) in value })
        case .float16: visit(reals: { (value: Float16) in Double(value) })
        case .bfloat16: visit(reals: { (value: UInt16) in Double(Float(bitPattern: UInt32(value) << 16)) })
        case .float32: visit(reals: { (value: Float) in Double(value) })
        case .float64: visit(reals: { (value: Double) in value })
        case .complex64: visit(complexes: { (value: SIMD2<Float>) in SIMD2<Double>(value) })
        case .complex128: visit(complexes: { (value: SIMD2<Double>) in value })
        case .int4:
            // A byte holds two: first the low half, then the high one.
            visit(integers: { (pair: Int8) in (pair << 4) >> 4 })
            visit(integers: { (pair: Int8) in pair >> 4 })
        }
    }
}

extension SIMD2<Double> {
    /// The absolute value of the complex number, without the detour over its square, which may overflow.
    var absoluteValue: Double {
        guard !x.isNaN, !y.isNaN else { return .nan }
        let (large, small) = (Swift.max(abs(x), abs(y)), Swift.min(abs(x), abs(y)))
        guard large > 0, large.isFinite else { return large }
        let ratio = small / large
        return large * (1 + ratio * ratio).squareRoot()
    }
}
