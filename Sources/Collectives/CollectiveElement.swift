/// An element that collectives can carry and combine.
///
/// `Float`, `Double`, `Int32`, `Int64`, and `UInt8` for raw bytes.
public protocol CollectiveElement: BitwiseCopyable, Comparable, Sendable {
    /// Which of the five types this is; implementations map it to their own (`MPI_FLOAT`, …).
    static var kind: CollectiveElementKind { get }

    /// The sum; integers wrap around.
    static func sum(_ a: Self, _ b: Self) -> Self

    /// This value divided by the number of ranks; integers are truncated towards zero.
    func divided(among ranks: Int) -> Self
}

/// The element types that collectives can carry.
public enum CollectiveElementKind: Sendable {
    case float32, float64, int32, int64, byte
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension Float: CollectiveElement {
    public static var kind: CollectiveElementKind { .float32 }
    public static func sum(_ a: Float, _ b: Float) -> Float { a + b }
    public func divided(among ranks: Int) -> Float { self / Float(ranks) }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension Double: CollectiveElement {
    public static var kind: CollectiveElementKind { .float64 }
    public static func sum(_ a: Double, _ b: Double) -> Double { a + b }
    public func divided(among ranks: Int) -> Double { self / Double(ranks) }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension Int32: CollectiveElement {
    public static var kind: CollectiveElementKind { .int32 }
    public static func sum(_ a: Int32, _ b: Int32) -> Int32 { a &+ b }
    public func divided(among ranks: Int) -> Int32 { self / Int32(ranks) }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension Int64: CollectiveElement {
    public static var kind: CollectiveElementKind { .int64 }
    public static func sum(_ a: Int64, _ b: Int64) -> Int64 { a &+ b }
    public func divided(among ranks: Int) -> Int64 { self / Int64(ranks) }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension UInt8: CollectiveElement {
    public static var kind: CollectiveElementKind { .byte }
    public static func sum(_ a: UInt8, _ b: UInt8) -> UInt8 { a &+ b }
    public func divided(among ranks: Int) -> UInt8 { UInt8(Int(self) / ranks) }
}
