import Layouts

/// Layouts as their definition says, element by element: slow, and with nothing in common with the module but the types.
enum BruteForce {
    /// The coordinates of every element of a tensor, in row-major order.
    static func elements(of shape: [Int]) -> [[Int]] {
        shape.reduce([[]]) { places, size in places.flatMap { place in (0..<size).map { place + [$0] } } }
    }

    /// The numbers of the elements that a rank holds, in the order of its slice: element 0 is the first of the tensor.
    static func slice(of shape: [Int], _ layout: TensorLayout, rank: Int) -> [Int] {
        let held = beforeOptimizer(shape, layout, rank: rank)
        guard layout.optimizerShard != .none else { return held }
        let replicas = (0..<layout.mesh.rankCount).filter { beforeOptimizer(shape, layout, rank: $0) == held }
        let parts = layout.optimizerShardSize == -1 ? replicas.count : layout.optimizerShardSize
        let part = replicas.prefix { $0 < rank }.count % parts
        let size = held.count / parts
        return Array(held[part * size..<(part + 1) * size])
    }

    private static func beforeOptimizer(_ shape: [Int], _ layout: TensorLayout, rank: Int) -> [Int] {
        let matrix = layout.mesh.deviceMatrix
        let coordinates = elements(of: matrix)[rank]
        return elements(of: shape).enumerated().filter { _, element in
            zip(layout.tensorMap, zip(element, shape)).allSatisfy { map, place in
                // Counted from the right, as in MindSpore; the first is the major one.
                let axes = map == [-1] ? [] : map.map { matrix.count - 1 - $0 }
                let parts = axes.reduce(1) { $0 * matrix[$1] }
                let part = axes.reduce(0) { $0 * matrix[$1] + coordinates[$1] }
                return place.0 / (place.1 / parts) == part
            }
        }.map(\.offset)
    }
}

/// A layout of a tensor that can be divided as it says, made from random numbers.
struct RandomLayout {
    let shape: [Int]
    let layout: TensorLayout

    /// Makes a layout on a mesh. With `shape` given, none is made that cannot divide it.
    init(on mesh: DeviceMesh, shape: [Int]? = nil, using random: inout some RandomNumberGenerator) throws {
        var dimensionCount = shape?.count ?? Int.random(in: 0...3, using: &random)
        while true {
            var axes = [[String]](repeating: [], count: dimensionCount)
            for name in mesh.axisNames.shuffled(using: &random) where dimensionCount > 0 && Bool.random(using: &random)
            {
                axes[Int.random(in: 0..<dimensionCount, using: &random)].append(name)
            }
            let shard: OptimizerShard = [.none, .none, .everyReplica, .parts(2)].randomElement(using: &random) ?? .none
            let layout = try mesh.layout(splits: axes.map(DimensionSplit.init), optimizerShard: shard)
            let shape =
                shape ?? (0..<dimensionCount).map { layout.partCount(of: $0) * Int.random(in: 1...4, using: &random) }
            if (try? TensorSharding(of: shape, layout)) != nil {
                self.shape = shape
                self.layout = layout
                return
            }
            if shape.isEmpty { dimensionCount = 0 }
        }
    }

    /// A mesh of up to three axes.
    static func mesh(using random: inout some RandomNumberGenerator) throws -> DeviceMesh {
        let names = ["dp", "sp", "tp"].shuffled(using: &random).prefix(Int.random(in: 0...3, using: &random))
        return try DeviceMesh(axes: names.map { DeviceMesh.Axis($0, size: Int.random(in: 1...3, using: &random)) })
    }
}
