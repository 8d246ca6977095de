import Kernels
import Memory

/// Random numbers as a pure function of a seed and a stream: the same on every rank, in every run, in any order.
///
/// There is no hidden state to save with a checkpoint. The generator is Philox4x32-10 (Salmon et al., 2011).
public struct RandomSource: Sendable {
    let generator: CounterBasedGenerator

    /// Makes the source of a numbered stream, such as an epoch.
    public init(seed: UInt64, stream: UInt64) {
        generator = CounterBasedGenerator(seed: seed, stream: stream)
    }

    /// Makes the source of a named stream, such as a parameter. The name is hashed with FNV-1a.
    public init(seed: UInt64, name: String) {
        let hash = name.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
        self.init(seed: seed, stream: hash)
    }

    /// Number `index` of the stream, in 0..<1.
    public func uniform(at index: Int) -> Float {
        let numbers = Slice<Float>(zeros: 1)
        var span = numbers.mutableSpan
        generator.fillUniform(&span, from: UInt64(index))
        return numbers.span[0]
    }

    /// The numbers 0..<count in random order.
    public func permutation(of count: Int) -> [Int] { generator.permutation(of: count) }
}

extension Tensor {
    /// Sets every element of a float32 tensor.
    public func fill(with value: Float) {
        let elements = slice(of: Float.self)
        var span = elements.mutableSpan
        Kernels.fill(&span, with: value)
    }

    /// Fills a float32 tensor with uniform random numbers, those from number `start` of the stream on.
    public func fillUniform(in range: Range<Float>, random: RandomSource, from start: Int = 0) {
        let elements = slice(of: Float.self)
        var span = elements.mutableSpan
        random.generator.fillUniform(&span, from: UInt64(start), in: range)
    }

    /// Fills a float32 tensor with normal random numbers of mean 0, those from number `start` of the stream on.
    public func fillNormal(deviation: Float, random: RandomSource, from start: Int = 0) {
        let elements = slice(of: Float.self)
        var span = elements.mutableSpan
        random.generator.fillNormal(&span, from: UInt64(start), standardDeviation: deviation)
    }
}

extension Tensor: CustomStringConvertible {
    /// The type, as in "Float32[2, 3]"; not the elements.
    public var description: String { type.description }
}
