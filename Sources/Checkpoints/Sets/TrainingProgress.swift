public import Records

/// How far a run is: all that it needs, beside the parameters, to carry on as if it had never stopped.
public struct TrainingProgress: Equatable, Sendable {
    /// The epoch of the last step, from 1; 0 before the first.
    public let epoch: Int

    /// The last step within its epoch, from 1; 0 before the first.
    public let stepInEpoch: Int

    /// The number of steps of an epoch.
    public let stepsPerEpoch: Int

    /// The last step of the run, from 1; 0 before the first.
    public let step: Int

    /// The number of samples that all ranks together take a step.
    public let globalBatch: Int

    /// The number of samples that all ranks together have taken.
    public let sampleCount: Int

    /// The seed of everything random in the run.
    public let seed: UInt64

    /// Whether the run came to its planned end.
    public let finished: Bool

    /// How the samples of an epoch are put in order.
    public let shuffling: Shuffling

    /// Describes how far a run is.
    public init(
        epoch: Int, stepInEpoch: Int, stepsPerEpoch: Int, step: Int, globalBatch: Int, sampleCount: Int, seed: UInt64,
        finished: Bool, shuffling: Shuffling = .fisherYates
    ) {
        self.epoch = epoch
        self.stepInEpoch = stepInEpoch
        self.stepsPerEpoch = stepsPerEpoch
        self.step = step
        self.globalBatch = globalBatch
        self.sampleCount = sampleCount
        self.seed = seed
        self.finished = finished
        self.shuffling = shuffling
    }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension TrainingProgress: Codable {
    private enum Key: String, CodingKey {
        case epoch, stepInEpoch, stepsPerEpoch, step, globalBatch, sampleCount, seed, finished, shuffling
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Key.self)
        // As text, because most readers of JSON take numbers for doubles, which are exact to 2^53 only.
        let seedText = try fields.decode(String.self, forKey: .seed)
        guard let seed = UInt64(seedText) else {
            throw DecodingError.dataCorruptedError(
                forKey: .seed, in: fields, debugDescription: "\"\(seedText)\" is no whole number of 64 bits")
        }
        self.init(
            epoch: try fields.decode(Int.self, forKey: .epoch),
            stepInEpoch: try fields.decode(Int.self, forKey: .stepInEpoch),
            stepsPerEpoch: try fields.decode(Int.self, forKey: .stepsPerEpoch),
            step: try fields.decode(Int.self, forKey: .step),
            globalBatch: try fields.decode(Int.self, forKey: .globalBatch),
            sampleCount: try fields.decode(Int.self, forKey: .sampleCount),
            seed: seed,
            finished: try fields.decode(Bool.self, forKey: .finished),
            shuffling: try Self.shuffling(in: fields))
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: Key.self)
        try fields.encode(epoch, forKey: .epoch)
        try fields.encode(stepInEpoch, forKey: .stepInEpoch)
        try fields.encode(stepsPerEpoch, forKey: .stepsPerEpoch)
        try fields.encode(step, forKey: .step)
        try fields.encode(globalBatch, forKey: .globalBatch)
        try fields.encode(sampleCount, forKey: .sampleCount)
        try fields.encode(String(seed), forKey: .seed)
        try fields.encode(finished, forKey: .finished)
        try fields.encode(shuffling, forKey: .shuffling)
    }

    /// Sets from before there was a choice do not say it.
    private static func shuffling(in fields: KeyedDecodingContainer<Key>) throws -> Shuffling {
        guard let text = try fields.decodeIfPresent(String.self, forKey: .shuffling) else { return .fisherYates }
        guard let shuffling = Shuffling(rawValue: text) else {
            throw DecodingError.dataCorruptedError(
                forKey: .shuffling, in: fields,
                debugDescription: "\"\(text)\" is no order of samples that this version knows")
        }
        return shuffling
    }
}
