public import Layouts

/// MindSpore's parallel strategy file: how each parameter is laid out, for `transform_checkpoints` and its kin.
///
/// A file named `.json` is JSON, any other protobuf. Only JSON has shapes.
public struct StrategyFile: Equatable, Sendable {
    /// A counter of saves that readers ignore: MindSpore writes 2 at the first save and 1 into merged files.
    public var currentStage = 2

    /// How operators of the graph are split. Readers of checkpoints ignore them.
    public var operators: [Operator] = []

    /// How parameters are laid out, in the order of the file.
    public var items: [Item]

    /// Makes a strategy.
    public init(_ items: [Item] = []) {
        self.items = items
    }

    /// How an operator is split: a `ParallelStrategyItem`.
    public struct Operator: Equatable, Sendable {
        /// The name of the node.
        public var name: String

        /// The pipeline stage.
        public var stage: Int

        /// For each input the number of parts of each dimension.
        public var strategy: [[Int]]
    }

    /// How a parameter is laid out, in MindSpore's words: a `ParallelLayoutItem`.
    public struct Item: Equatable, Sendable {
        /// The name of the parameter.
        public var parameter: String

        /// The sizes of the mesh axes (`dev_matrix`).
        public var deviceMatrix: [Int]

        /// For each dimension the axes that split it, counted from the right, or -1 (`tensor_map`).
        public var tensorMap: [[Int]]

        /// The whole shape; protobuf has none.
        public var tensorShape: [Int]?

        /// Uneven sizes of pieces (`param_split_shape`).
        public var splitShapes: [[Int]] = []

        /// Where uneven pieces begin (`indices_offset`).
        public var indexOffsets: [[Int]] = []

        /// The number of columns to merge by (`field`); 0 if there are none.
        public var field = 0

        /// See `TensorLayout.optimizerShardStep` (`opt_weight_shard_step`).
        public var optimizerShardStep = 0

        /// See `TensorLayout.optimizerShardSize` (`opt_weight_shard_size`).
        public var optimizerShardSize = 0
    }
}

extension StrategyFile.Item {
    init(parameter: String, deviceMatrix: [Int], tensorMap: [[Int]]) {
        self.parameter = parameter
        self.deviceMatrix = deviceMatrix
        self.tensorMap = tensorMap
    }

    /// Describes a parameter.
    public init(_ parameter: String, _ sharding: TensorSharding) {
        let layout = sharding.layout
        self.parameter = parameter
        // MindSpore has no mesh without axes.
        deviceMatrix = layout.mesh.axes.isEmpty ? [1] : layout.mesh.deviceMatrix
        tensorMap = layout.tensorMap
        tensorShape = sharding.shape
        optimizerShardStep = layout.optimizerShardStep
        // Without replicas there is nothing to shard, and MindSpore says so.
        optimizerShardSize = optimizerShardStep == 0 ? 0 : layout.optimizerShardSize
    }

    /// The layout on a mesh; without one on a mesh of the item's device matrix, whose axes are called "axis0" and so on.
    public func layout(on mesh: DeviceMesh? = nil) throws(ShardingError) -> TensorLayout {
        guard splitShapes.allSatisfy(\.isEmpty) else {
            throw .unknownCut(parameter: parameter, field: "param_split_shape")
        }
        guard field == 0 else { throw .unknownCut(parameter: parameter, field: "field") }
        guard optimizerShardSize >= -1 else {
            throw .unknownCut(parameter: parameter, field: "opt_weight_shard_size \(optimizerShardSize)")
        }
        let shard: OptimizerShard =
            switch optimizerShardSize {
            case 0: .none
            case -1: .everyReplica
            default: .parts(optimizerShardSize)
            }
        do throws(LayoutError) {
            let mesh = if let mesh { mesh } else { try unnamedMesh }
            guard mesh.deviceMatrix == deviceMatrix else {
                throw LayoutError.tensorMap(tensorMap, deviceMatrix: mesh.deviceMatrix)
            }
            return try TensorLayout(mesh: mesh, tensorMap: tensorMap, optimizerShard: shard)
        } catch {
            throw .layout(parameter: parameter, error)
        }
    }

    private var unnamedMesh: DeviceMesh {
        get throws(LayoutError) {
            try DeviceMesh(axes: deviceMatrix.enumerated().map { DeviceMesh.Axis("axis\($0)", size: $1) })
        }
    }
}
