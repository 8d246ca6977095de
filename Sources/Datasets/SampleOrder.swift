import Records
import Tensors

/// The order in which an epoch reads the samples of a dataset: a pure function of seed and epoch.
public struct SampleOrder: Sendable {
    private enum Kind {
        case inTurn
        case table(OrderTable)
        case keyed(KeyedPermutation)
        case drawn(WeightedRandomSampler, RandomSource)
    }

    /// How many samples there are.
    public let count: Int

    private let kind: Kind

    /// The samples in their own order.
    init(of count: Int) {
        self.count = count
        kind = .inTurn
    }

    /// These samples in this order.
    init(_ order: [Int]) {
        count = order.count
        kind = .table(OrderTable(order))
    }

    /// The samples that an epoch draws.
    init(drawnBy sampler: WeightedRandomSampler, seed: UInt64, epoch: Int) {
        count = sampler.count
        kind = .drawn(sampler, RandomSource(seed: seed, name: "drawn in epoch \(epoch)"))
    }

    /// The samples in the order of an epoch, from 1.
    init(of count: Int, shuffling: Shuffling, seed: UInt64, epoch: Int) {
        self.count = count
        let random = RandomSource(seed: seed, stream: UInt64(epoch))
        switch shuffling {
        case .fisherYates:
            kind = .table(
                .shared(OrderTable.Key(count: count, seed: seed, epoch: epoch)) { random.permutation(of: count) })
        case .feistel: kind = .keyed(KeyedPermutation(of: count, random))
        }
    }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension SampleOrder: RandomAccessCollection {
    public var startIndex: Int { 0 }
    public var endIndex: Int { count }

    /// The number of the sample that is read at a place of the epoch, from 0.
    public subscript(place: Int) -> Int {
        switch kind {
        case .inTurn: place
        case .table(let order): order.places[place]
        case .keyed(let order): order[place]
        case .drawn(let sampler, let random): sampler.sample(at: place, random)
        }
    }
}

extension Shuffling {
    /// The most samples whose order is kept as a table, of 8 MiB.
    static let tableLimit = 1 << 20

    /// How a run that begins now shuffles so many samples: by a table, as ever, where that is small, for then each order is
    /// equally likely; else without one.
    static func usual(for count: Int) -> Shuffling { count <= tableLimit ? .fisherYates : .feistel }

    /// What to tell of a run that carries on with a large table of so many samples; nil if there is none.
    package func warning(of count: Int) -> String? {
        guard self == .fisherYates, count > Self.tableLimit else { return nil }
        return
            "the run goes on in the order that it was begun with, a table of \(byteCount(of: count) / 1_000_000) MB on "
            + "each rank; a run that begins anew needs none"
    }

    /// The memory that the order of an epoch takes, in bytes.
    func byteCount(of count: Int) -> Int {
        switch self {
        case .fisherYates: count * MemoryLayout<Int>.stride
        case .feistel: 0
        }
    }
}
