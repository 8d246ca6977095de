import Files
public import Layouts
public import Tensors

/// A parameter as it lies in the files of a set.
public struct SavedParameter: Sendable {
    /// The name.
    public let name: String

    /// The type of the whole tensor.
    public let type: TensorType

    /// Which rank's file holds which slice.
    public let sharding: TensorSharding

    // The ranks in whose files it is; nil for all of the mesh, which a manifest may say of any number of ranks.
    private let holders: Set<Int>?

    init(name: String, type: TensorType, sharding: TensorSharding, holders: Set<Int>?) {
        self.name = name
        self.type = type
        self.sharding = sharding
        self.holders = holders
    }

    /// Whether it, or a slice of it, is in the file of a rank. For each slice there is at least one.
    public func isHeld(by rank: Int) -> Bool {
        holders?.contains(rank) ?? (0..<sharding.layout.mesh.rankCount).contains(rank)
    }

    /// The type of each slice.
    public var sliceType: TensorType { TensorType(Shape(sharding.shardShape), type.elementType) }

    /// Where a rank finds a box of the whole tensor.
    func plan(for box: ShardRange, rank: Int) -> RedistributionPlan {
        guard let holders else { return RedistributionPlan(from: sharding, covering: box, rank: rank) }
        return RedistributionPlan(
            from: sharding, held: sharding.shards(heldBy: holders), covering: box, rank: rank)
    }

    /// The ranks in whose files it is, ascending.
    package var ranks: [Int] { holders?.sorted() ?? Array(0..<sharding.layout.mesh.rankCount) }
}

extension Manifest {
    /// The parameters of the set that are wanted, by name: of those that are not, there may be any number.
    ///
    /// Throws ``CheckpointSetError/unreadable(name:reason:)`` if a layout is wrong, which ``checkLayouts()`` rules out, or
    /// if the slices are too many to tell who saved which.
    func savedParameters(
        where isWanted: (String) -> Bool = { _ in true }
    ) throws(CheckpointSetError) -> [ByteName: SavedParameter] {
        let removal = checkpoint.kind == .deduplicated ? try redundancyRemoval(where: isWanted) : nil
        var parameters: [ByteName: SavedParameter] = [:]
        for record in checkpoint.parameters where isWanted(record.name) {
            let sharding = try sharding(of: record)
            guard let type = record.tensorType else {
                throw .unreadable(name: name, reason: "\(record.name) is of no type there is")
            }
            parameters[record.name] = SavedParameter(
                name: record.name, type: type, sharding: sharding, holders: removal?.savers(of: record.name))
        }
        return parameters
    }

    /// The rank whose file a rank of any world opens for what is not split: the small values.
    func home(of rank: Int) -> Int {
        checkpoint.kind == .integrated ? 0 : rank % worldSize
    }

    /// Finding out who saved what takes all parameters: whose turn it is depends on those before.
    private func redundancyRemoval(
        where isWanted: (String) -> Bool
    ) throws(CheckpointSetError) -> RedundancyRemoval {
        let count = checkpoint.parameters.count
        guard let slices = OutsideNumber.product([count, worldSize]), slices <= Self.sliceLimit else {
            throw .unreadable(
                name: name,
                reason: "it has \(count) parameters on \(worldSize) ranks without redundancy; together they may be "
                    + "\(Self.sliceLimit) slices at most")
        }
        var groupsOfLayouts: [LayoutRecord: [[Int]]] = [:]
        var parameters: [(name: String, groups: [[Int]]?)] = []
        for record in checkpoint.parameters {
            guard let layout = record.layout else {
                parameters.append((record.name, nil))
                continue
            }
            let groups =
                if let known = groupsOfLayouts[layout] { known } else { try sharding(of: record).replicaGroups }
            groupsOfLayouts[layout] = groups
            parameters.append((record.name, groups))
        }
        return RedundancyRemoval(parameters, rankCount: worldSize, where: isWanted)
    }

    /// The most slices for which it is found out who saved them: 65,536 parameters on 1024 ranks.
    static let sliceLimit = 1 << 26

    private func sharding(of record: ParameterRecord) throws(CheckpointSetError) -> TensorSharding {
        do throws(LayoutError) {
            guard let layout = record.layout, checkpoint.kind == .sharded || checkpoint.kind == .deduplicated else {
                return try TensorSharding(wholeOn: checkpoint.kind == .integrated ? 1 : worldSize, record.shape)
            }
            return try TensorSharding(of: record.shape, layout.layout(on: DeviceMesh(checkpoint.mesh)))
        } catch {
            throw .unreadable(name: name, reason: "the layout of \(record.name) is wrong: \(error)")
        }
    }
}

extension TensorSharding {
    /// A tensor that each of some ranks holds whole.
    init(wholeOn rankCount: Int, _ shape: [Int]) throws(LayoutError) {
        let mesh = try DeviceMesh(["rank": rankCount])
        try self.init(of: shape, mesh.replicated(dimensionCount: shape.count))
    }
}
