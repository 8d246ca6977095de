public import Records
public import Tensors

/// Which samples each rank reads at each step: a pure function of seed, epoch and step.
///
/// A batch is a run of the epoch's order; each of n ranks takes an equal, consecutive part of it. So the batches are
/// the same for any number of ranks, and a resumed run reads on where it stopped without replaying anything.
public struct DataLoader: Sendable {
    /// Where the samples come from.
    public let dataset: any Dataset

    /// The number of samples of a batch, over all ranks together.
    public let batchSize: Int

    /// Whether each epoch has its own order, derived from the run's seed; else the samples are read as they are stored
    /// (MindSpore's `shuffle`).
    public let isShuffled: Bool

    /// Whether the samples that do not fill the last batch of an epoch are left out (MindSpore's `drop_remainder`).
    public let dropsRemainder: Bool

    /// The most steps of an epoch, if it is not to pass through all samples.
    public let stepLimit: Int?

    /// Which samples an epoch draws, if it does not read each of them once.
    public let sampler: WeightedRandomSampler?

    /// How samples of like lengths come together, if they do.
    public let buckets: LengthBuckets?

    /// How many threads make the next batch ready while a step runs; with 0 it is made ready between two steps (MindSpore's
    /// `num_parallel_workers`, PyTorch's `num_workers`). The batches are the same.
    public internal(set) var workers: Int

    /// How many threads can make a batch ready.
    package static let workerRange = 0...64

    /// The same in words.
    package static let workerLimits = "\(workerRange.lowerBound) to \(workerRange.upperBound)"

    /// What the samples are cut to, in a loader of one bucket.
    package let cutLength: Int?

    /// Makes a loader.
    ///
    /// - Throws: `DataError` if there are no samples, or the batch is empty or larger than a dataset whose remainder is dropped,
    ///   or if a sampler or buckets are for other samples.
    public init(
        _ dataset: any Dataset, batchSize: Int, shuffle: Bool = false, dropsRemainder: Bool = true,
        stepLimit: Int? = nil, sampler: WeightedRandomSampler? = nil, buckets: LengthBuckets? = nil, workers: Int = 0
    ) throws(DataError) {
        guard dataset.count > 0 else { throw .noSamples }
        let count = sampler?.count ?? dataset.count
        guard batchSize > 0 else { throw .badBatchSize(batchSize, count: count) }
        guard !dropsRemainder || batchSize <= count else { throw .badBatchSize(batchSize, count: count) }
        try sampler?.check(dataset, hasOtherOrder: shuffle || buckets != nil)
        try buckets?.check(dataset)
        guard Self.workerRange ~= workers else {
            throw .mismatch("\(workers) threads cannot load samples; \(Self.workerLimits) can")
        }
        self.sampler = sampler
        self.buckets = buckets
        self.workers = workers
        cutLength = nil
        self.dataset = dataset
        self.batchSize = batchSize
        isShuffled = shuffle
        self.dropsRemainder = dropsRemainder
        self.stepLimit = stepLimit
    }

    /// The same loader of other samples, as many and alike.
    init(_ other: DataLoader, of dataset: any Dataset, cutLength: Int) {
        self.dataset = dataset
        self.cutLength = cutLength
        batchSize = other.batchSize
        isShuffled = other.isShuffled
        dropsRemainder = other.dropsRemainder
        stepLimit = other.stepLimit
        sampler = other.sampler
        buckets = other.buckets
        workers = other.workers
    }

    /// The same loader, whose next batch so many threads make ready.
    package func with(workers: Int) -> DataLoader {
        var loader = self
        loader.workers = workers
        return loader
    }

    /// How many samples an epoch reads: all, or as many as the sampler draws.
    public var samplesPerEpoch: Int { sampler?.count ?? dataset.count }

    /// How many batches an epoch has.
    public var stepsPerEpoch: Int {
        let (full, rest) = samplesPerEpoch.quotientAndRemainder(dividingBy: batchSize)
        let steps = dropsRemainder || rest == 0 ? full : full + 1
        return min(steps, stepLimit ?? steps)
    }

    /// All that the order of samples, and what batches are cut to, depend on besides the seed.
    package var orderDescription: String {
        let rules = [sampler?.description, buckets?.description, stepLimit.map { "\($0) steps at most" }]
        let manner =
            "\(isShuffled ? "shuffled" : "in order"), \(dropsRemainder ? "whole batches" : "to the last sample")"
        return (["\(samplesPerEpoch) samples by \(batchSize)", manner] + rules.compactMap(\.self)).joined(
            separator: ", ")
    }

    /// How a run that begins now puts the samples in order.
    public var shuffling: Shuffling { .usual(for: dataset.count) }

    /// The order in which epoch `epoch` (from 1) of a run with this seed reads the samples, shuffled as a run that begins now
    /// does, or otherwise.
    public func order(ofEpoch epoch: Int, seed: UInt64, shuffling: Shuffling? = nil) -> SampleOrder {
        if let sampler { return SampleOrder(drawnBy: sampler, seed: seed, epoch: epoch) }
        let order =
            isShuffled
            ? SampleOrder(of: dataset.count, shuffling: shuffling ?? self.shuffling, seed: seed, epoch: epoch)
            : SampleOrder(of: dataset.count)
        guard let buckets else { return order }
        return buckets.order(order, batchSize: batchSize, shuffle: isShuffled ? (seed, epoch) : nil)
    }

    /// Copies samples of an epoch into the rows of one tensor a column.
    public func copySamples(
        _ indices: ArraySlice<Int>, ofEpoch epoch: Int, seed: UInt64, into tensors: [Tensor]
    ) throws {
        try dataset.copySamples(indices, in: SamplePass(seed: seed, epoch: epoch), into: tensors)
    }

    /// The memory that the samples and their order take on a rank, in bytes.
    public var residentByteCount: Int {
        let table = isShuffled && buckets == nil ? shuffling.byteCount(of: dataset.count) : 0
        return dataset.residentByteCount + table + (sampler?.byteCount ?? 0) + (buckets?.byteCount ?? 0)
    }

    /// The places in an epoch's order that rank `rank` of `ranks` reads at step `step` (from 1) of the epoch.
    ///
    /// Full batches are divided evenly; of the last, partial one, earlier ranks take one sample more where it is uneven.
    public func range(step: Int, rank: Int, of ranks: Int) -> Range<Int> {
        let start = (step - 1) * batchSize
        let size = min(batchSize, samplesPerEpoch - start)
        let share = size / ranks
        let more = size % ranks
        let first = start + rank * share + min(rank, more)
        return first..<(first + share + (rank < more ? 1 : 0))
    }
}
