import Files
public import SystemPackage
import Tensors

extension StrategyFile {
    /// The file as JSON, byte for byte as MindSpore writes it: compact, members sorted.
    ///
    /// A dimension that several axes split becomes several dimensions there: as many as axes, the last with what is left.
    /// Throws ``ShardingError/unknownCut(parameter:field:)`` for a parameter without a shape.
    public var json: [UInt8] {
        get throws(ShardingError) {
            var layouts: [(name: String, value: String)] = []
            for item in items { layouts.append((item.parameter, try item.json)) }
            let strategies = operators.map { entry in
                (
                    name: entry.name,
                    value: "{\"parallel_strategy\":\(Self.list(entry.strategy)),\"stage\":\(entry.stage)}"
                )
            }
            let text =
                "{\"current_stage\":\(currentStage),\"parallel_layout_item\":\(Self.object(layouts)),"
                + "\"parallel_strategy_item\":\(Self.object(strategies))}"
            return Array(text.utf8)
        }
    }

    private static func object(_ members: [(name: String, value: String)]) -> String {
        let sorted = members.sorted { ByteName($0.name) < ByteName($1.name) }
        return "{\(sorted.map { "\(HeaderJSON.text($0.name)):\($0.value)" }.joined(separator: ","))}"
    }

    fileprivate static func list(_ numbers: [Int]) -> String { "[\(numbers.map(String.init).joined(separator: ","))]" }

    fileprivate static func list(_ lists: [[Int]]) -> String { "[\(lists.map(Self.list).joined(separator: ","))]" }

    /// Reads JSON. Items come in the order of their names.
    ///
    /// Throws ``ShardingError/strategy(path:problem:)``; `path` is for that message.
    public init(json: [UInt8], path: FilePath) throws(ShardingError) {
        self.init()
        var missing: Set = ["current_stage", "parallel_layout_item", "parallel_strategy_item"]
        do throws(FormatError) {
            try read(HeaderJSON(json, path: path, fileOffset: 0), &missing)
        } catch {
            guard case .damaged(_, let offset, let damage) = error else { fatalError("\(error)") }
            throw .strategy(path: path, problem: Self.problem(damage, at: offset))
        }
        if let first = missing.min() { throw .strategy(path: path, problem: "\(first) is missing") }
    }

    private static func problem(_ damage: FormatDamage, at offset: Int) -> String {
        guard case .headerSyntax(let expected) = damage else { return "\(damage), at byte \(offset)" }
        return "at byte \(offset) it should have \(expected)"
    }

    private mutating func read(_ text: HeaderJSON, _ missing: inout Set<String>) throws(FormatError) {
        var json = text
        try json.object { (json, name, _) throws(FormatError) in
            missing.remove(name)
            switch name {
            case "current_stage": currentStage = try json.integer()
            case "parallel_layout_item":
                try json.object { (json, name, _) throws(FormatError) in items.append(try Item(named: name, &json)) }
            case "parallel_strategy_item":
                try json.object { (json, name, _) throws(FormatError) in
                    operators.append(try Operator(named: name, &json))
                }
            default: try json.skipValue()
            }
        }
        try json.requireEnd()
        items.sort { ByteName($0.parameter) < ByteName($1.parameter) }
        operators.sort { ByteName($0.name) < ByteName($1.name) }
    }
}

extension StrategyFile.Operator {
    fileprivate init(named name: String, _ json: inout HeaderJSON) throws(FormatError) {
        self.init(name: name, stage: 0, strategy: [])
        try json.object { (json, member, _) throws(FormatError) in
            switch member {
            case "stage": stage = try json.integer()
            case "parallel_strategy": strategy = try json.integerLists()
            default: try json.skipValue()
            }
        }
    }
}

extension StrategyFile.Item {
    fileprivate var json: String {
        get throws(ShardingError) {
            guard let shape = tensorShape, shape.count == tensorMap.count else {
                throw .unknownCut(parameter: parameter, field: "missing shape")
            }
            // Read from a file, it may name any axes.
            let isSound = tensorMap.allSatisfy { $0 == [-1] || $0.allSatisfy(deviceMatrix.indices.contains) }
            guard isSound, deviceMatrix.allSatisfy({ $0 > 0 }), OutsideNumber.product(deviceMatrix) != nil else {
                throw .unknownCut(parameter: parameter, field: "tensor_map \(tensorMap)")
            }
            let split = zip(tensorMap, shape).flatMap { axes, size in
                // The major axis comes first; the last dimension has what is left.
                let parts = axes.dropLast().map { deviceMatrix[deviceMatrix.count - 1 - $0] }
                return parts + [size / parts.reduce(1, *)]
            }
            var members = [
                ("dev_matrix", StrategyFile.list(deviceMatrix)), ("field", "\(field)"),
                ("indices_offset", StrategyFile.list(indexOffsets)), ("opt_weight_shard_size", "\(optimizerShardSize)"),
                ("opt_weight_shard_step", "\(optimizerShardStep)"),
                ("param_split_shape", StrategyFile.list(splitShapes)),
                ("tensor_map", StrategyFile.list(tensorMap.flatMap(\.self))),
                ("tensor_shape", StrategyFile.list(split)),
            ]
            members.removeAll { $0.1 == "[]" && ["indices_offset", "param_split_shape"].contains($0.0) }
            return "{\(members.map { "\"\($0.0)\":\($0.1)" }.joined(separator: ","))}"
        }
    }

    fileprivate init(named name: String, _ json: inout HeaderJSON) throws(FormatError) {
        self.init(parameter: name, deviceMatrix: [], tensorMap: [])
        var missing: Set = ["dev_matrix", "tensor_map", "tensor_shape"]
        let inside = json.fileOffset + 1
        try json.object { (json, member, _) throws(FormatError) in
            missing.remove(member)
            switch member {
            case "dev_matrix": deviceMatrix = try json.integers()
            case "tensor_map": tensorMap = try json.signedIntegers().map { [$0] }
            case "tensor_shape": tensorShape = try json.integers()
            case "field": field = try json.signedInteger()
            case "opt_weight_shard_step": optimizerShardStep = try json.signedInteger()
            case "opt_weight_shard_size": optimizerShardSize = try json.signedInteger()
            case "param_split_shape": splitShapes = try json.integerLists()
            case "indices_offset": indexOffsets = try json.integerLists()
            default: try json.skipValue()
            }
        }
        guard missing.isEmpty else {
            let names = missing.sorted().joined(separator: " and ")
            throw json.damage(inside, .headerSyntax(expected: "\(names) of \(name)"))
        }
    }
}

extension HeaderJSON {
    /// Reads a list of numbers that may be negative.
    fileprivate mutating func signedIntegers() throws(FormatError) -> [Int] {
        var numbers: [Int] = []
        try list { json throws(FormatError) in numbers.append(try json.signedInteger()) }
        return numbers
    }

    /// Reads a list of lists of numbers, none negative.
    fileprivate mutating func integerLists() throws(FormatError) -> [[Int]] {
        var lists: [[Int]] = []
        try list { json throws(FormatError) in lists.append(try json.integers()) }
        return lists
    }
}
