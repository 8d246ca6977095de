import FoundationEssentials
public import SystemPackage

extension StrategyFile {
    /// The file as JSON, byte for byte as MindSpore writes it: compact, members sorted.
    ///
    /// A dimension that several axes split becomes several dimensions there: as many as axes, the last with what is left.
    /// Throws ``ShardingError/unknownCut(parameter:field:)`` for a parameter without a shape.
    public var json: [UInt8] {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            var file = StrategyJSON(currentStage: currentStage, layouts: [:], strategies: [:])
            for item in items { file.layouts[item.parameter] = try StrategyJSON.Layout(item) }
            for entry in operators {
                file.strategies[entry.name] = StrategyJSON.Strategy(strategy: entry.strategy, stage: entry.stage)
            }
            return Array(try encoder.encode(file))
        }
    }

    /// Reads JSON. Items come in the order of their names.
    ///
    /// Throws ``ShardingError/strategy(path:problem:)``; `path` is for that message.
    public init(json: [UInt8], path: FilePath) throws(ShardingError) {
        let file: StrategyJSON
        do {
            file = try JSONDecoder().decode(StrategyJSON.self, from: Data(json))
        } catch let error as DecodingError {
            throw .strategy(path: path, problem: error.sentence)
        } catch {
            throw .strategy(path: path, problem: "\(error)")
        }
        self.init(
            file.layouts.sorted { $0.key.precedesInBytes($1.key) }.map { name, layout in layout.item(named: name) })
        currentStage = file.currentStage
        operators = file.strategies.sorted { $0.key.precedesInBytes($1.key) }.map { name, strategy in
            Operator(name: name, stage: strategy.stage, strategy: strategy.strategy)
        }
    }
}

private struct StrategyJSON: Codable {
    struct Layout: Codable {
        var deviceMatrix: [Int]
        var tensorMap: [Int]
        var tensorShape: [Int]
        var field: Int?
        var optimizerShardStep: Int?
        var optimizerShardSize: Int?
        var splitShapes: [[Int]]?
        var indexOffsets: [[Int]]?

        enum CodingKeys: String, CodingKey {
            case deviceMatrix = "dev_matrix"
            case tensorMap = "tensor_map"
            case tensorShape = "tensor_shape"
            case field
            case optimizerShardStep = "opt_weight_shard_step"
            case optimizerShardSize = "opt_weight_shard_size"
            case splitShapes = "param_split_shape"
            case indexOffsets = "indices_offset"
        }
    }

    struct Strategy: Codable {
        var strategy: [[Int]]
        var stage: Int

        enum CodingKeys: String, CodingKey {
            case strategy = "parallel_strategy"
            case stage
        }
    }

    var currentStage: Int
    var layouts: [String: Layout]
    var strategies: [String: Strategy]

    enum CodingKeys: String, CodingKey {
        case currentStage = "current_stage"
        case layouts = "parallel_layout_item"
        case strategies = "parallel_strategy_item"
    }
}

extension StrategyJSON.Layout {
    init(_ item: StrategyFile.Item) throws(ShardingError) {
        guard let shape = item.tensorShape, shape.count == item.tensorMap.count else {
            throw .unknownCut(parameter: item.parameter, field: "missing shape")
        }
        deviceMatrix = item.deviceMatrix
        tensorMap = item.tensorMap.flatMap(\.self)
        tensorShape = zip(item.tensorMap, shape).flatMap { axes, size in
            // The major axis comes first; the last dimension has what is left.
            let parts = axes.dropLast().map { item.deviceMatrix[item.deviceMatrix.count - 1 - $0] }
            return parts + [size / parts.reduce(1, *)]
        }
        field = item.field
        optimizerShardStep = item.optimizerShardStep
        optimizerShardSize = item.optimizerShardSize
        splitShapes = item.splitShapes.isEmpty ? nil : item.splitShapes
        indexOffsets = item.indexOffsets.isEmpty ? nil : item.indexOffsets
    }

    func item(named name: String) -> StrategyFile.Item {
        var item = StrategyFile.Item(
            parameter: name, deviceMatrix: deviceMatrix, tensorMap: tensorMap.map { [$0] })
        item.tensorShape = tensorShape
        item.field = field ?? 0
        item.optimizerShardStep = optimizerShardStep ?? 0
        item.optimizerShardSize = optimizerShardSize ?? 0
        item.splitShapes = splitShapes ?? []
        item.indexOffsets = indexOffsets ?? []
        return item
    }
}
