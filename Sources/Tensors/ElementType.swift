/// The type of a tensor's elements: all that MindSpore's checkpoint formats know.
///
/// Lockstep computes in `float32`, with labels and indices in `int32`; the other types are stored, carried and
/// converted only.
public enum ElementType: String, CaseIterable, Sendable {
    case bool
    case int8, uint8, int16, uint16, int32, uint32, int64, uint64
    case float16, bfloat16, float32, float64
    case complex64, complex128

    /// MindSpore's `qint4x2`: a byte holds two four-bit values, and shapes count bytes.
    case int4

    /// The size of an element in bytes.
    public var byteCount: Int {
        switch self {
        case .bool, .int8, .uint8, .int4: 1
        case .int16, .uint16, .float16, .bfloat16: 2
        case .int32, .uint32, .float32: 4
        case .int64, .uint64, .float64, .complex64: 8
        case .complex128: 16
        }
    }

    /// MindSpore's name, `str(dtype)`, as it stands in `.ckpt` files: "Float32".
    public var mindSporeName: String {
        switch self {
        case .uint8: "UInt8"
        case .uint16: "UInt16"
        case .uint32: "UInt32"
        case .uint64: "UInt64"
        case .bfloat16: "BFloat16"
        default: rawValue.prefix(1).uppercased() + rawValue.dropFirst()
        }
    }

    /// Finds the type with MindSpore's name; nil if there is none. Case matters, as it does there.
    public init?(mindSporeName: String) {
        guard let type = Self.allCases.first(where: { $0.mindSporeName == mindSporeName }) else { return nil }
        self = type
    }
}

/// A Swift type that stands for an ``ElementType``.
public protocol TensorElement: BitwiseCopyable, Sendable {
    /// The element type whose bytes are this type's.
    static var elementType: ElementType { get }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension Float: TensorElement { public static var elementType: ElementType { .float32 } }
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension Double: TensorElement { public static var elementType: ElementType { .float64 } }
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension Int32: TensorElement { public static var elementType: ElementType { .int32 } }
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension Int64: TensorElement { public static var elementType: ElementType { .int64 } }
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension UInt8: TensorElement { public static var elementType: ElementType { .uint8 } }
