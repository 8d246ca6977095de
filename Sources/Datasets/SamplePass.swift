public import Tensors

/// Which reading of a dataset it is: an epoch of a run.
///
/// What changes samples at random, such as a crop, draws from these and the number of the sample alone. So a sample looks alike
/// on whichever rank reads it, and in a run that carries on.
public struct SamplePass: Hashable, Sendable {
    /// The seed of the run.
    public let seed: UInt64

    /// The epoch, from 1.
    public let epoch: Int

    /// Names a reading.
    public init(seed: UInt64, epoch: Int) {
        self.seed = seed
        self.epoch = epoch
    }

    /// The reading of samples outside of a run.
    public static let none = SamplePass(seed: 0, epoch: 0)

    /// The random numbers of all samples for one purpose, such as "the first crop": another purpose has others.
    public func numbers(for purpose: String) -> RandomSource {
        RandomSource(seed: seed, name: "samples \(epoch) \(purpose)")
    }
}

/// The random numbers of one sample in one reading, for one purpose: number i is the same whoever asks, and when.
public struct SampleRandom: Sendable {
    /// How many numbers each sample has.
    private static let numbersPerSample = 64

    private let source: RandomSource
    private let start: Int

    /// Takes those of a sample from what ``SamplePass/numbers(for:)`` gives.
    public init(_ source: RandomSource, sample: Int) {
        self.source = source
        start = sample * Self.numbersPerSample
    }

    /// Number `index` of 64, in 0..<1; the 64 repeat.
    public func uniform(_ index: Int) -> Float { source.uniform(at: start + index & (Self.numbersPerSample - 1)) }

    /// A whole number in 0..<`count`, from number `index` and the next: of 48 bits, so that all are as likely.
    public func integer(below count: Int, _ index: Int) -> Int {
        RandomSource.integer(below: count, RandomSource.joined(uniform(index), uniform(index &+ 1)))
    }
}

extension RandomSource {
    /// A number in 0..<1 with 48 random bits, from numbers `index` and `index` + 1 of the stream.
    func fineUniform(at index: Int) -> Double { Self.joined(uniform(at: index), uniform(at: index + 1)) }

    /// A whole number in 0..<`count`.
    func integer(below count: Int, at index: Int) -> Int { Self.integer(below: count, fineUniform(at: index)) }

    /// Two numbers of 24 bits as one of 48.
    fileprivate static func joined(_ high: Float, _ low: Float) -> Double {
        let scale = Double(1 << 24)
        return (Double(high) * scale + Double(low)) / scale
    }

    fileprivate static func integer(below count: Int, _ share: Double) -> Int {
        min(Int(share * Double(count)), count - 1)
    }
}
