public import Records

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

    /// Makes a loader.
    ///
    /// - Throws: `DataError` if there are no samples, or the batch is empty or larger than a dataset whose remainder is dropped.
    public init(
        _ dataset: any Dataset, batchSize: Int, shuffle: Bool = false, dropsRemainder: Bool = true,
        stepLimit: Int? = nil
    ) throws(DataError) {
        guard dataset.count > 0 else { throw .noSamples }
        guard batchSize > 0 else { throw .badBatchSize(batchSize, count: dataset.count) }
        guard !dropsRemainder || batchSize <= dataset.count else {
            throw .badBatchSize(batchSize, count: dataset.count)
        }
        self.dataset = dataset
        self.batchSize = batchSize
        isShuffled = shuffle
        self.dropsRemainder = dropsRemainder
        self.stepLimit = stepLimit
    }

    /// How many batches an epoch has.
    public var stepsPerEpoch: Int {
        let (full, rest) = dataset.count.quotientAndRemainder(dividingBy: batchSize)
        let steps = dropsRemainder || rest == 0 ? full : full + 1
        return min(steps, stepLimit ?? steps)
    }

    /// How a run that begins now puts the samples in order.
    public var shuffling: Shuffling { .usual(for: dataset.count) }

    /// The order in which epoch `epoch` (from 1) of a run with this seed reads the samples, shuffled as a run that begins now
    /// does, or otherwise.
    public func order(ofEpoch epoch: Int, seed: UInt64, shuffling: Shuffling? = nil) -> SampleOrder {
        guard isShuffled else { return SampleOrder(of: dataset.count) }
        return SampleOrder(of: dataset.count, shuffling: shuffling ?? self.shuffling, seed: seed, epoch: epoch)
    }

    /// The memory that the samples and their order take on a rank, in bytes.
    public var residentByteCount: Int {
        dataset.residentByteCount + (isShuffled ? shuffling.byteCount(of: dataset.count) : 0)
    }

    /// The places in an epoch's order that rank `rank` of `ranks` reads at step `step` (from 1) of the epoch.
    ///
    /// Full batches are divided evenly; of the last, partial one, earlier ranks take one sample more where it is uneven.
    public func range(step: Int, rank: Int, of ranks: Int) -> Range<Int> {
        let start = (step - 1) * batchSize
        let size = min(batchSize, dataset.count - start)
        let share = size / ranks
        let more = size % ranks
        let first = start + rank * share + min(rank, more)
        return first..<(first + share + (rank < more ? 1 : 0))
    }
}
