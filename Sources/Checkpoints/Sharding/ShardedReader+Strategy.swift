import Files
import Layouts
import Tensors

extension ShardedReader {
    /// Puts files together as a strategy says: MindSpore's own, or a set's without its manifest.
    ///
    /// `files` are by rank. Files of ranks that others replace may be missing, and so may slices that another file holds
    /// too, as after `remove_redundancy`. What the strategy does not name, or all without one, is whole in each file.
    public init(_ files: [Int: any CheckpointReader], strategy: StrategyFile = StrategyFile()) throws(ShardingError) {
        let items = Dictionary(strategy.items.map { (ByteName($0.parameter), $0) }) { first, _ in first }
        var parameters: [SavedParameter] = []
        var seen: Set<ByteName> = []
        for (_, file) in files.sorted(by: { $0.key < $1.key }) {
            for entry in file.entries {
                guard let type = entry.tensorType, seen.add(entry.name) else { continue }
                parameters.append(try SavedParameter(entry.name, sliceType: type, items[entry.name], in: files))
            }
        }
        self.init(parameters, files: files)
    }
}

extension SavedParameter {
    fileprivate init(
        _ name: String, sliceType: TensorType, _ item: StrategyFile.Item?, in files: [Int: any CheckpointReader]
    ) throws(ShardingError) {
        let layout = try item?.layout()
        let slice = sliceType.shape.dimensions
        let sharding: TensorSharding
        do throws(LayoutError) {
            sharding =
                if let layout {
                    try TensorSharding(slices: slice, layout)
                } else {
                    try TensorSharding(wholeOn: (files.keys.max() ?? 0) + 1, slice)
                }
        } catch {
            throw .layout(parameter: name, error)
        }
        let rankCount = sharding.layout.mesh.rankCount
        var holders: Set<Int> = []
        for (rank, file) in files where rank < rankCount {
            guard let entry = file.entry(named: name) else { continue }
            guard entry.tensorType == sliceType else { throw .slicesDiffer(parameter: name, path: file.path) }
            holders.insert(rank)
        }
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
