import Glibc

/// Random numbers without state: block `i` of a stream is a function of seed, stream and `i` alone.
///
/// ```swift
/// let generator = CounterBasedGenerator(seed: 42, stream: 7)
/// generator.fillUniform(&values, in: -0.1..<0.1)
/// ```
/// So any part of a stream can be computed anywhere, in any order, and is the same. This is Philox4x32-10 (Salmon et al.,
/// "Parallel random numbers: as easy as 1, 2, 3", SC 2011). Not for secrets.
public struct CounterBasedGenerator: Sendable, Hashable {
    /// What a whole run is reproduced from.
    public let seed: UInt64

    /// Which of the 2^64 independent sequences of the seed this is.
    public let stream: UInt64

    /// Names the sequence `stream` of `seed`.
    public init(seed: UInt64, stream: UInt64) {
        self.seed = seed
        self.stream = stream
    }

    /// The four numbers of block `index`.
    public func block(_ index: UInt64) -> SIMD4<UInt32> {
        Self.philox(
            counter: SIMD4(
                UInt32(truncatingIfNeeded: index), UInt32(truncatingIfNeeded: index >> 32),
                UInt32(truncatingIfNeeded: stream), UInt32(truncatingIfNeeded: stream >> 32)),
            key: SIMD2(UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32)))
    }

    /// Philox4x32-10 itself: ten rounds over a counter, with a key that grows from round to round.
    public static func philox(counter: SIMD4<UInt32>, key: SIMD2<UInt32>) -> SIMD4<UInt32> {
        var (counter, key) = (counter, key)
        for _ in 0..<10 {
            let first = counter[0].multipliedFullWidth(by: 0xD251_1F53)
            let second = counter[2].multipliedFullWidth(by: 0xCD9E_8D57)
            counter = SIMD4(
                second.high ^ counter[1] ^ key[0], second.low, first.high ^ counter[3] ^ key[1], first.low)
            key &+= SIMD2(0x9E37_79B9, 0xBB67_AE85)
        }
        return counter
    }

    /// Fills `values` with the numbers `start..<start + count` of the stream's uniform sequence over `range`.
    ///
    /// Each has 24 random bits, as many as a float between ½ and 1 has.
    public func fillUniform(
        _ values: inout MutableSpan<Float>, from start: UInt64 = 0, in range: Range<Float> = 0..<1
    ) {
        let width = range.upperBound - range.lowerBound
        fill(&values, from: start) { block in
            // The product can round up to the bound, which a range does not contain.
            let unit = SIMD4<Float>(block &>> 8) * 0x1p-24
            return (range.lowerBound + unit * width).clamped(
                lowerBound: SIMD4(repeating: range.lowerBound), upperBound: SIMD4(repeating: range.upperBound.nextDown))
        }
    }

    /// Fills `values` with the numbers `start..<start + count` of the stream's normal sequence.
    ///
    /// By the method of Box and Muller in double precision: two numbers from each two of a block.
    public func fillNormal(
        _ values: inout MutableSpan<Float>, from start: UInt64 = 0, mean: Float = 0, standardDeviation: Float = 1
    ) {
        fill(&values, from: start) { block in
            let (first, second) = Self.normalPair(block[0], block[1])
            let (third, fourth) = Self.normalPair(block[2], block[3])
            return mean + standardDeviation * SIMD4(first, second, third, fourth)
        }
    }

    private static func normalPair(_ first: UInt32, _ second: UInt32) -> (Float, Float) {
        // One more than the first: its logarithm must exist.
        let radius = (-2 * log((Double(first) + 1) * 0x1p-32)).squareRoot()
        let angle = 2 * Double.pi * Double(second) * 0x1p-32
        return (Float(radius * cos(angle)), Float(radius * sin(angle)))
    }

    /// Fills `values` with the elements `start..<start + count` of the sequence whose block i is `transform(block(i))`.
    private func fill(
        _ values: inout MutableSpan<Float>, from start: UInt64, _ transform: (SIMD4<UInt32>) -> SIMD4<Float>
    ) {
        var place = 0
        while place < values.count {
            let position = start + UInt64(place)
            let numbers = transform(block(position / 4))
            for lane in Int(position % 4)..<4 where place < values.count {
                values[place] = numbers[lane]
                place += 1
            }
        }
    }
}
