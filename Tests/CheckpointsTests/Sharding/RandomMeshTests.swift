import Checkpoints
import CheckpointsTestKit
import Ciphers
import Collectives
import CollectivesTestKit
import Files
import Layouts
import Memory
import RandomTestKit
import SystemPackage
import Tensors
import Testing

/// Random tensors on a random mesh, saved in a random way and loaded on another random mesh: the same bits.
struct RandomMeshTests {
    @Test(arguments: 0..<40) func whatIsSavedOnOneMeshIsLoadedOnAnyOther(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let sources = try RandomState(&random)
        let targets = try RandomState(&random, like: sources)
        let kinds = CheckpointSet.Kind.allCases.filter { $0 != .replicated || sources.isWhole }
        let kind = try #require(kinds.randomElement(using: &random))
        let (form, key) = try Self.form(&random)
        let bufferByteCount = Int.random(in: 8...400, using: &random)
        let directory = CheckpointDirectory("/out", fileSystem: MemoryFileSystem())
        _ = try ThreadWorld.run(ranks: sources.mesh.rankCount) { world in
            let plan = SavePlan(
                kind, named: "random", try sources.parameters(of: world.rank, isFilled: true),
                extras: [("step_num", .integer(1))], mesh: sources.mesh, world: world, form: form,
                bufferByteCount: bufferByteCount)
            let progress = TrainingProgress(
                epoch: 1, stepInEpoch: 1, stepsPerEpoch: 1, step: 1, globalBatch: 1, sampleCount: 1, seed: 1,
                finished: false)
            let set = CheckpointSet(
                name: "random", kind: kind, progress: progress, cause: SaveCause("a test"), mesh: plan.mesh, model: "M",
                parameters: plan.records)
            _ = try CheckpointPublisher(directory, world: world)
                .publish(set, files: plan.files, gathered: plan.gathered)
        }
        let wrong = try ThreadWorld.run(ranks: targets.mesh.rankCount) { world in
            let parameters = try targets.parameters(of: world.rank, isFilled: false)
            let restorer = CheckpointRestorer(
                directory, world: world, open: { try CheckpointFormats.open($0, key: key) })
            let restored = try #require(try restorer.restoreNewest(for: parameters))
            try restored.reader.load()
            let expected = try targets.parameters(of: world.rank, isFilled: true)
            return zip(parameters, expected).filter { $0.local.contents != $1.local.contents }.map(\.0.name)
        }
        for (rank, names) in wrong.enumerated() {
            #expect(names == [], "rank \(rank): \(kind) from \(sources.mesh) to \(targets.mesh)")
        }
    }

    /// A format: `.ckpt` files with a checksum or not, encrypted or not.
    private static func form(_ random: inout SeededGenerator) throws -> (CheckpointForm, EncryptionKey?) {
        // In safetensors MindSpore has neither encryption nor a checksum of any bytes whatever.
        guard Bool.random(using: &random) else { return (try CheckpointForm(.safetensors), nil) }
        guard Bool.random(using: &random) else {
            return (try CheckpointForm(crc: Bool.random(using: &random)), nil)
        }
        let mode = EncryptionMode.allCases.randomElement(using: &random) ?? .aesGCM
        let key = try EncryptionKey([UInt8](repeating: 0x5A, count: 16).span)
        return (try CheckpointForm(encryption: Encryption(key: key, mode: mode)), key)
    }
}

/// Tensors with random contents, and how a mesh divides them.
private struct RandomState: Sendable {
    struct Entry: Sendable {
        let name: String
        let type: TensorType
        let contents: [UInt8]
        let layout: TensorLayout?
    }

    let mesh: DeviceMesh
    private let entries: [Entry]

    /// Draws a mesh, and on it tensors that it can divide; or divides the tensors of another state where it can.
    init(_ random: inout SeededGenerator, like other: RandomState? = nil) throws {
        let mesh = try Self.mesh(&random)
        var entries: [Entry] = []
        for index in 0..<(other?.entries.count ?? Int.random(in: 1...6, using: &random)) {
            let drawn = try Self.layout(on: mesh, dimensionCount: other?.entries[index].type.shape.rank, &random)
            if let known = other?.entries[index] {
                let fits = drawn.map { (try? TensorSharding(of: known.type.shape.dimensions, $0)) != nil } ?? false
                let layout = fits ? drawn : nil
                entries.append(Entry(name: known.name, type: known.type, contents: known.contents, layout: layout))
            } else {
                entries.append(try Self.entry(index, drawn, &random))
            }
        }
        self.mesh = mesh
        self.entries = entries
    }

    /// Whether every rank holds everything.
    var isWhole: Bool { entries.allSatisfy { $0.layout?.isReplicated ?? true } }

    /// What a rank holds: its boxes of the contents, or other bytes in their place.
    func parameters(of rank: Int, isFilled: Bool) throws -> [ShardedParameter] {
        try entries.map { entry in
            let shape = entry.type.shape.dimensions
            let box = try entry.layout.map { try TensorSharding(of: shape, $0).range(of: rank) }
            let ranges = box?.ranges ?? shape.map { 0..<$0 }
            let local = Tensor(zeros: Shape(ranges.map(\.count)), elementType: entry.type.elementType)
            local.fill(isFilled ? entry.bytes(in: ranges) : [UInt8](repeating: 0xA5, count: local.bytes.count))
            guard let layout = entry.layout else { return ShardedParameter(entry.name, local) }
            return try ShardedParameter(entry.name, whole: entry.type.shape, layout, local: local)
        }
    }

    /// One to three axes, of which some have one rank, with at most 8 ranks.
    private static func mesh(_ random: inout SeededGenerator) throws -> DeviceMesh {
        var axes: [DeviceMesh.Axis] = []
        var room = 8
        for name in ["pp", "dp", "tp"].shuffled(using: &random).prefix(Int.random(in: 1...3, using: &random)) {
            let size = Int.random(in: 1...min(room, 4), using: &random)
            axes.append(DeviceMesh.Axis(name, size: size))
            room /= size
        }
        return try DeviceMesh(axes: axes)
    }

    /// Each axis splits one dimension or none; nil for a tensor that is not laid out.
    private static func layout(
        on mesh: DeviceMesh, dimensionCount: Int?, _ random: inout SeededGenerator
    ) throws -> TensorLayout? {
        let dimensionCount = dimensionCount ?? Int.random(in: 0...3, using: &random)
        guard Int.random(in: 0..<6, using: &random) > 0 else { return nil }
        var splits = [[String]](repeating: [], count: dimensionCount)
        for axis in mesh.axisNames.shuffled(using: &random) where Int.random(in: 0..<4, using: &random) > 0 {
            guard let dimension = splits.indices.randomElement(using: &random) else { continue }
            splits[dimension].append(axis)
        }
        let shard: OptimizerShard = dimensionCount > 0 && Bool.random(using: &random) ? .everyReplica : .none
        return try mesh.layout(splits: splits.map { DimensionSplit($0) }, optimizerShard: shard)
    }

    /// A tensor that a layout divides; its contents have nothing to do with where they lie.
    private static func entry(_ index: Int, _ layout: TensorLayout?, _ random: inout SeededGenerator) throws -> Entry {
        let parts = layout.map { layout in layout.axes.indices.map { layout.partCount(of: $0) } } ?? [2, 3]
        var shape = parts.map { $0 * Int.random(in: 1...3, using: &random) }
        // The replicas that the axes above leave are 1, 2, 3, 4, 6 or 8, and 24 rows can be cut among each of these.
        if layout?.optimizerShard == .everyReplica { shape[0] = parts[0] * 24 }
        let types: [ElementType] = [.float32, .float16, .float64, .int32, .int64, .uint8]
        let type = TensorType(Shape(shape), types.randomElement(using: &random) ?? .float32)
        let contents = (0..<type.byteCount).map { _ in UInt8.random(in: 0...255, using: &random) }
        return Entry(name: "tensor.\(index)", type: type, contents: contents, layout: layout)
    }
}

extension RandomState.Entry {
    /// The elements in a box, found one by one.
    fileprivate func bytes(in ranges: [Range<Int>]) -> [UInt8] {
        let size = type.elementType.byteCount
        var elements = [0]
        for (range, extent) in zip(ranges, type.shape.dimensions) {
            elements = elements.flatMap { outer in range.map { outer * extent + $0 } }
        }
        return elements.flatMap { contents[$0 * size..<($0 + 1) * size] }
    }
}
