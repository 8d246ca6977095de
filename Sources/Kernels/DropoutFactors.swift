import Memory

/// What a dropout multiplies elements by: 0 or 1 / (1 − rate).
struct DropoutFactors {
    private let generator: CounterBasedGenerator

    /// An element is dropped when its 16 bits are below this.
    private let threshold: Int32
    private let factor: Float

    /// The elements that the eight blocks computed at once serve, 16 bits each.
    private static let group = 64

    init(rate: Float, mask: DropoutMask) {
        insist(rate >= 0 && rate < 1, "a dropout's rate must be at least 0 and below 1, not \(rate)")
        generator = mask.generator
        threshold = Int32((rate * 0x1p16).rounded())
        factor = 1 / (1 - rate)
    }

    /// The floats that ``store(from:count:into:)`` needs for `count` factors: whole groups, wherever they begin.
    static func space(for count: Int) -> Int {
        count + 2 * group
    }

    /// Stores the factors of elements `number..<number + count` of the whole tensor, and returns where they begin.
    func store(from number: Int, count: Int, into space: UnsafeMutablePointer<Float>) -> UnsafePointer<Float> {
        let first = number / Self.group
        let end = (number + count + Self.group - 1) / Self.group
        var place = unsafe space
        for group in first..<end {
            let (low, high) = generator.eightBlocks(UInt64(truncatingIfNeeded: 8 * group))
            unsafe factors(low & 0xFFFF).store(to: place)
            unsafe factors(low &>> 16).store(to: place + 16)
            unsafe factors(high & 0xFFFF).store(to: place + 32)
            unsafe factors(high &>> 16).store(to: place + 48)
            unsafe place += Self.group
        }
        return unsafe UnsafePointer(space + number % Self.group)
    }

    /// The factors of elements with these bits.
    @inline(__always)
    private func factors(_ bits: SIMD16<UInt32>) -> Lanes {
        // The sign of a difference instead of a comparison, which the compiler takes apart lane by lane for whole numbers.
        let isDropped = (SIMD16<Int32>(truncatingIfNeeded: bits) &- threshold) &>> 31
        let kept = SIMD16(repeating: Int32(bitPattern: factor.bitPattern)) & ~isDropped
        return unsafe unsafeBitCast(kept, to: Lanes.self)
    }
}
