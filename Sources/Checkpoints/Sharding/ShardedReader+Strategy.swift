import Files
import Layouts
import SystemPackage
import Tensors

extension ShardedReader {
    /// Puts files together as a strategy says: MindSpore's own, or a set's without its manifest.
    ///
    /// `files` are by rank. Files of ranks that others replace may be missing, and so may slices that another file holds
    /// too, as after `remove_redundancy`. What the strategy does not name, or all without one, is whole in each file.
    public init(_ files: [Int: any CheckpointReader], strategy: StrategyFile = StrategyFile()) throws(ShardingError) {
        let items = Dictionary(strategy.items.map { (ByteName($0.parameter), $0) }) { first, _ in first }
        let lastRank = files.keys.max() ?? 0
        let tensors = Self.tensors(in: files)
        var parameters: [SavedParameter] = []
        for tensor in tensors {
            let layout = try items[tensor.name]?.layout()
            parameters.append(try SavedParameter(tensor, layout, lastRank: lastRank))
        }
        self.init(parameters, files: files)
    }

    /// The tensors of all files, in the order of the first file, then the next: in one pass, for a thousand files may have a
    /// thousand tensors each.
    private static func tensors(in files: [Int: any CheckpointReader]) -> [FiledTensor] {
        var tensors: [FiledTensor] = []
        var places: [ByteName: Int] = [:]
        for (rank, file) in files.sorted(by: { $0.key < $1.key }) {
            for entry in file.entries {
                if let place = places[entry.name] {
                    tensors[place].note(entry, of: rank, in: file)
                } else if let type = entry.tensorType {
                    places[entry.name] = tensors.count
                    tensors.append(FiledTensor(name: entry.name, sliceType: type, holders: [rank]))
                }
            }
        }
        return tensors
    }
}

/// What files say of a tensor.
private struct FiledTensor {
    let name: String

    /// The type of the slice in the first file that has one.
    let sliceType: TensorType

    /// The ranks whose files have it.
    var holders: Set<Int>

    /// The first rank whose file has it as something else, and that file.
    var other: (rank: Int, path: FilePath)?

    mutating func note(_ entry: CheckpointEntry, of rank: Int, in file: any CheckpointReader) {
        if entry.tensorType == sliceType {
            holders.insert(rank)
        } else {
            other = other ?? (rank, file.path)
        }
    }
}

extension SavedParameter {
    fileprivate init(
        _ tensor: FiledTensor, _ layout: TensorLayout?, lastRank: Int
    ) throws(ShardingError) {
        let (name, sliceType) = (tensor.name, tensor.sliceType)
        let slice = sliceType.shape.dimensions
        let sharding: TensorSharding
        do throws(LayoutError) {
            sharding =
                if let layout {
                    try TensorSharding(slices: slice, layout)
                } else {
                    try TensorSharding(wholeOn: lastRank + 1, slice)
                }
        } catch {
            throw .layout(parameter: name, error)
        }
        let rankCount = sharding.layout.mesh.rankCount
        if let other = tensor.other, other.rank < rankCount {
            throw .slicesDiffer(parameter: name, path: other.path)
        }
        let holders = tensor.holders.filter { $0 < rankCount }
        let held = Set(holders.map(sharding.shardIndex))
        if let missing = (0..<sharding.shardCount).first(where: { !held.contains($0) }) {
            throw .sliceMissing(parameter: name, ranks: sharding.shards[missing].ranks)
        }
        guard let type = TensorType(checking: sliceType.elementType, sharding.shape) else {
            throw .layout(parameter: name, .tooLarge(sharding.shape))
        }
        self.init(name: name, type: type, sharding: sharding, holders: holders)
    }
}

extension TensorSharding {
    /// The tensor whose slices have this shape: a strategy file does not say how large the whole is.
    fileprivate init(slices shape: [Int], _ layout: TensorLayout) throws(LayoutError) {
        guard layout.axes.count == shape.count else { throw .dimensionCount(layout: layout, shape: shape) }
        let parts =
            switch layout.optimizerShard {
            case .none: 1
            case .everyReplica: layout.mesh.rankCount / layout.axes.indices.reduce(1) { $0 * layout.partCount(of: $1) }
            case .parts(let count): count
            }
        var whole: [Int] = []
        for dimension in shape.indices {
            let factors = [shape[dimension], layout.partCount(of: dimension), dimension == 0 ? parts : 1]
            guard let size = OutsideNumber.product(factors) else { throw .tooLarge(shape) }
            whole.append(size)
        }
        try self.init(of: whole, layout)
    }
}
