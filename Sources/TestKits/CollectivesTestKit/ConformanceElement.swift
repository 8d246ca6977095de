import Collectives

/// An element that can be made from a whole number, which may wrap around.
protocol ConformanceElement: CollectiveElement {
    static func of(_ whole: Int) -> Self
}

extension Float: ConformanceElement {
    static func of(_ whole: Int) -> Float { Float(whole) }
}

extension Double: ConformanceElement {
    static func of(_ whole: Int) -> Double { Double(whole) }
}

extension Int32: ConformanceElement {
    static func of(_ whole: Int) -> Int32 { Int32(truncatingIfNeeded: whole) }
}

extension Int64: ConformanceElement {
    static func of(_ whole: Int) -> Int64 { Int64(truncatingIfNeeded: whole) }
}

extension UInt8: ConformanceElement {
    static func of(_ whole: Int) -> UInt8 { UInt8(truncatingIfNeeded: whole) }
}

extension ConformanceElement {
    /// A value that tells rank and index apart.
    static func mark(rank: Int, index: Int) -> Self { of((rank * 31 + index * 7) % 101) }

    /// What a rank gives to a reduction: 1 to `size` times a factor of the index. Even indices count the ranks upwards,
    /// odd ones downwards, so that the largest value is not on the same rank everywhere.
    static func term(rank: Int, size: Int, index: Int) -> Self {
        of(factor(index) * (index.isMultiple(of: 2) ? rank + 1 : size - rank))
    }

    /// What all ranks' terms combine to.
    static func total(_ operation: ReduceOperation, size: Int, index: Int) -> Self {
        let sum = of(factor(index) * size * (size + 1) / 2)
        return switch operation {
        case .sum: sum
        case .average: sum.divided(among: size)
        case .maximum: of(factor(index) * size)
        case .minimum: of(factor(index))
        }
    }

    private static func factor(_ index: Int) -> Int { index % 5 + 1 }
}
