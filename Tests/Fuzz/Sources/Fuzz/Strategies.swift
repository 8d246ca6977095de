import CheckpointsTestKit
import Tensors

@testable import Checkpoints

func readStrategy(_ bytes: [UInt8]) throws {
    let strategy = try StrategyFile(contentsOf: StrictFile(bytes, "x.ckpt"))
    use(strategy)
    var again = try StrategyFile(contentsOf: StrictFile(strategy.protobuf, "again.ckpt"))
    // Of another writer's forms there is one here.
    again = try StrategyFile(contentsOf: StrictFile(again.protobuf, "again.ckpt"))
    require(again.items.map(\.parameter) == strategy.items.map(\.parameter), "parameters are lost")
}

func readStrategyJSON(_ bytes: [UInt8]) throws {
    let strategy = try StrategyFile(contentsOf: StrictFile(bytes, "x.json"))
    use(strategy)
    guard let json = try? strategy.json else { return }
    do {
        let again = try StrategyFile(json: json, path: "again.json")
        require(again.items.map(\.parameter) == strategy.items.map(\.parameter), "parameters are lost")
    } catch {
        require(false, "what was written cannot be read: \(error)")
    }
}

/// Puts files together as the strategy says, each with a slice of the first parameter that it names.
private func use(_ strategy: StrategyFile) {
    for item in strategy.items { _ = try? item.layout() }
    guard let item = strategy.items.first, let file = try? file(of: item),
        let slices = try? CkptReader(file: StrictFile(file, "x.ckpt"))
    else { return }
    _ = try? ShardedReader([0: slices, 1: slices], strategy: strategy)
}

/// A file with a slice of a parameter, of as many dimensions as it has.
private func file(of item: StrategyFile.Item) throws -> [UInt8] {
    let target = MemoryFile()
    let shape = [Int](repeating: 2, count: min(item.tensorMap.count, 4))
    let entry = CheckpointEntry(item.parameter, .float32, Shape(shape))
    let contents = [UInt8](repeating: 7, count: entry.byteCount)
    let writer = try CkptFormat().writer(to: target, of: [entry])
    try writer.begin(entry)
    try writer.append(contents.span)
    try writer.finish()
    return target.bytes
}
