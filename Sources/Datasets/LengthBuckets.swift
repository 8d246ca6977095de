public import Collectives
import Files
import Memory
import Tensors

/// Puts samples of like lengths into one batch, whose padded columns are cut to what they need: less is computed on padding
/// (MindSpore's `bucket_batch_by_length`).
///
/// The network must take samples of each length that a bucket has. Batches are functions of seed, epoch and step, so any number
/// of ranks sees the same.
public struct LengthBuckets: Sendable, CustomStringConvertible {
    /// The columns that are cut along their first dimension.
    public let columns: [String]

    /// The lengths that batches are cut to, rising.
    public let bounds: [Int]

    private let lengths: [Int32]

    /// Makes buckets for samples of these lengths; what is longer than the last bound is not cut.
    public init(columns: [String], lengths: [Int32], bounds: [Int]) {
        insist(!columns.isEmpty, "buckets need at least 1 column to cut")
        insist(
            !bounds.isEmpty && bounds[0] > 0 && zip(bounds, bounds.dropFirst()).allSatisfy(<),
            "the bounds of buckets are \(bounds); they must rise, from 1 on")
        (self.columns, self.lengths, self.bounds) = (columns, lengths, bounds)
    }

    /// Makes buckets for samples whose lengths stand in an int32 column, such as ``TableColumn/length(_:ofField:isText:limit:)``.
    /// All ranks of `world` call it together.
    ///
    /// - Throws: `DataError` if there is no such column; what reading the samples throws.
    public init(
        columns: [String], lengthsIn column: String, of samples: any Dataset, bounds: [Int],
        sharedBy world: any Communicator = SoloCommunicator()
    ) throws {
        let lengths = try world.together { try Self.lengths(in: column, of: samples) }
        self.init(columns: columns, lengths: lengths, bounds: bounds)
    }

    private static func lengths(in column: String, of samples: any Dataset) throws -> [Int32] {
        guard let place = samples.columns.firstIndex(where: { $0.name == column }),
            samples.columns[place].elementType == .int32, samples.columns[place].shape == .scalar
        else { throw DataError.mismatch("the dataset has no column '\(column)' of lengths, int32 []") }
        var lengths: [Int32] = []
        for start in stride(from: 0, to: samples.count, by: 1024) {
            let rows = Array(start..<min(start + 1024, samples.count))
            lengths += try samples.samples(rows)[place].elements(of: Int32.self)
        }
        return lengths
    }

    /// The bounds and the columns, and a checksum of the lengths.
    public var description: String {
        "\(columns.joined(separator: " and ")) cut to \(bounds) by lengths \(Checksum(ofBits: lengths).hexadecimal)"
    }

    /// The lengths, and the order of an epoch.
    var byteCount: Int { lengths.count * (4 + MemoryLayout<Int>.stride) }

    func check(_ dataset: any Dataset) throws(DataError) {
        guard lengths.count == dataset.count else {
            throw .mismatch(
                "the buckets have \(lengths.count) lengths and the dataset \(dataset.count) samples; each needs one")
        }
        for name in columns {
            guard let column = dataset.columns.first(where: { $0.name == name }), column.shape.rank > 0 else {
                throw .mismatch("the dataset has no column '\(name)' with a dimension to cut")
            }
        }
    }

    /// The number of the bucket of a sample; that of whole samples is the last.
    func bucket(of sample: Int) -> Int { bounds.firstIndex { $0 >= Int(lengths[sample]) } ?? bounds.count }

    /// What the samples of a batch are cut to; nil if they stay whole.
    func bound(of samples: some Sequence<Int>) -> Int? { bound(ofBucket: samples.map(bucket).max() ?? bounds.count) }

    /// What batches may be cut to: the bounds of the buckets that have samples, of which the longest makes a batch's.
    var usedBounds: [Int?] { Set(lengths.indices.map(bucket)).sorted().map(bound(ofBucket:)) }

    private func bound(ofBucket bucket: Int) -> Int? { bucket < bounds.count ? bounds[bucket] : nil }

    /// The samples of each bucket in the order given, cut into batches, and these mixed if the samples are. What fills no
    /// batch of its own bucket makes some together, the last of which may be smaller.
    func order(_ order: SampleOrder, batchSize: Int, shuffle: (seed: UInt64, epoch: Int)?) -> SampleOrder {
        var buckets = [[Int]](repeating: [], count: bounds.count + 1)
        for sample in order { buckets[bucket(of: sample)].append(sample) }
        var batches: [ArraySlice<Int>] = []
        var rest: [Int] = []
        for bucket in buckets {
            let full = bucket.count / batchSize * batchSize
            batches += stride(from: 0, to: full, by: batchSize).map { bucket[$0..<$0 + batchSize] }
            rest += bucket[full...]
        }
        let full = rest.count / batchSize * batchSize
        batches += stride(from: 0, to: full, by: batchSize).map { rest[$0..<$0 + batchSize] }
        if let (seed, epoch) = shuffle {
            let random = RandomSource(seed: seed, name: "batches of epoch \(epoch)")
            batches = random.permutation(of: batches.count).map { batches[$0] }
        }
        return SampleOrder(Array(batches.joined()) + rest[full...])
    }
}
