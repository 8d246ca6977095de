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

    /// The ranks in whose files it is; for each slice at least one.
    public let holders: Set<Int>

    /// The type of each slice.
    public var sliceType: TensorType { TensorType(Shape(sharding.shardShape), type.elementType) }

    /// Where a rank finds a box of the whole tensor.
    func plan(for box: ShardRange, rank: Int) -> RedistributionPlan {
        RedistributionPlan(from: sharding, covering: box, rank: rank, holders: holders.contains)
    }
}

extension Manifest {
    /// All parameters of the set, by name.
    ///
    /// Throws ``CheckpointSetError/unreadable(name:reason:)`` if a layout is wrong, which ``checkLayouts()`` rules out.
    func savedParameters() throws(CheckpointSetError) -> [ByteName: SavedParameter] {
        let removal = checkpoint.kind == .deduplicated ? try redundancyRemoval() : nil
        var parameters: [ByteName: SavedParameter] = [:]
        for record in checkpoint.parameters {
            let sharding = try sharding(of: record)
            guard let type = record.tensorType else {
                throw .unreadable(name: name, reason: "\(record.name) is of no type there is")
            }
            let holders = removal?.savers(of: record.name) ?? Set(0..<sharding.layout.mesh.rankCount)
            parameters[record.name] = SavedParameter(
                name: record.name, type: type, sharding: sharding, holders: holders)
        }
        return parameters
    }

    /// The rank whose file a rank of any world opens for what is not split: the small values.
    func home(of rank: Int) -> Int {
        checkpoint.kind == .integrated ? 0 : rank % worldSize
    }

    private func redundancyRemoval() throws(CheckpointSetError) -> RedundancyRemoval {
        var parameters: [(name: String, groups: [[Int]]?)] = []
        for record in checkpoint.parameters {
            let groups = record.layout == nil ? nil : try sharding(of: record).replicaGroups
            parameters.append((record.name, groups))
        }
        return RedundancyRemoval(parameters, rankCount: worldSize)
    }

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
