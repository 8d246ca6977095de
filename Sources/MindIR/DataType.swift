import Tensors

extension ElementType {
    /// Its number in a `TensorProto`; nil if MindIR has none.
    var mindIRNumber: Int32? {
        switch self {
        case .float32: 1
        case .uint8: 2
        case .int8: 3
        case .uint16: 4
        case .int16: 5
        case .int32: 6
        case .int64: 7
        case .bool: 9
        case .float16: 10
        case .float64: 11
        case .uint32: 12
        case .uint64: 13
        case .complex64: 14
        case .complex128: 15
        case .bfloat16: 16
        case .int4: nil
        }
    }

    /// Finds the type with this number in a `TensorProto`.
    init?(mindIRNumber: Int) {
        // Two numbers mean float64: 11, DOUBLE, which MindSpore writes, and 17, FLOAT64.
        let number = mindIRNumber == 17 ? 11 : mindIRNumber
        guard let type = Self.allCases.first(where: { $0.mindIRNumber.map(Int.init) == number }) else { return nil }
        self = type
    }
}
