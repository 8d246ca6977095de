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

/// Puts files together as the strategy says; a parameter "w" is there.
private func use(_ strategy: StrategyFile) {
    for item in strategy.items { _ = try? item.layout() }
    guard let reader = try? CkptReader(file: StrictFile(file, "x.ckpt")) else { fatalError("the file is whole") }
    _ = try? ShardedReader([0: reader, 1: reader], strategy: strategy)
}

/// A file with a slice.
private let file: [UInt8] = {
    let target = MemoryFile()
    let entry = CheckpointEntry("w", .float32, [4, 2])
    do {
        let contents = [UInt8](repeating: 7, count: 32)
        let writer = try CkptFormat().writer(to: target, of: [entry])
        try writer.begin(entry)
        try writer.append(contents.span)
        try writer.finish()
    } catch {
        fatalError("\(error)")
    }
    return target.bytes
}()
