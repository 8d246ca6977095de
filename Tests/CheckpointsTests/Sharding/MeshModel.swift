import Checkpoints
import Ciphers
import Collectives
import Files
import Layouts
import Memory
import Tensors

/// A model of a few tensors, laid out at random on a mesh; every byte of it is a function of its place.
struct MeshModel: Sendable {
    /// The meshes on which tests save and load.
    static let meshes: [DeviceMesh] = [
        mesh(["dp": 1]), mesh(["dp": 2]), mesh(["tp": 2]), mesh(["dp": 2, "tp": 2]), mesh(["tp": 4]),
        mesh(["dp": 4, "tp": 2]), mesh(["dp": 2, "sp": 2, "tp": 2]),
    ]

    private static let types: [(name: String, type: TensorType)] = [
        ("embedding", TensorType([16, 24])), ("bias", TensorType([16])), ("half", TensorType([8, 8], .bfloat16)),
        ("cube", TensorType([8, 3, 16])), ("long", TensorType([8, 40], .float64)), ("scale", TensorType([])),
        ("flags", TensorType([64], .bool)), ("none", TensorType([0, 8])),
    ]

    private static func mesh(_ sizes: KeyValuePairs<String, Int>) -> DeviceMesh {
        guard let mesh = try? DeviceMesh(sizes) else { fatalError("\(sizes) is no mesh") }
        return mesh
    }

    let mesh: DeviceMesh
    private let layouts: [TensorLayout?]

    /// Lays the model out: as `seed` says, or whole on every rank.
    init(on mesh: DeviceMesh, seed: Int?) throws {
        self.mesh = mesh
        guard let seed else {
            layouts = Self.types.map { _ in nil }
            return
        }
        var random = Random(state: UInt64(seed))
        layouts = try Self.types.map { name, type in
            if random.next(below: 5) == 0 { return nil }
            var splits = [[String]](repeating: [], count: type.shape.rank)
            for axis in mesh.axisNames where !splits.isEmpty && random.next(below: 3) > 0 {
                splits[random.next(below: splits.count)].append(axis)
            }
            let shard: OptimizerShard = random.next(below: 3) == 0 ? .everyReplica : .none
            let layout = try mesh.layout(splits: splits.map { DimensionSplit($0) }, optimizerShard: shard)
            // What cannot be divided so is whole: the layouts are random, the shapes are not.
            let sharding = try? TensorSharding(of: type.shape.dimensions, shardingOptimizerWherePossible: layout)
            return sharding?.layout ?? mesh.replicated(dimensionCount: splits.count)
        }
    }

    /// What a rank holds: the right bytes, or 0xEE to load over.
    func parameters(of rank: Int, filled: Bool) throws -> [ShardedParameter] {
        try zip(Self.types, layouts).enumerated().map { number, pair in
            let ((name, type), layout) = pair
            let sharding = try layout.map { try TensorSharding(of: type.shape.dimensions, $0) }
            let box = sharding?.range(of: rank) ?? ShardRange(whole: type.shape.dimensions)
            let local = Tensor(zeros: Shape(box.shape), elementType: type.elementType)
            let bytes =
                filled ? Self.bytes(of: box, in: type, number) : [UInt8](repeating: 0xEE, count: local.bytes.count)
            local.fill(bytes)
            guard let layout else { return ShardedParameter(name, local) }
            return try ShardedParameter(name, whole: type.shape, layout, local: local)
        }
    }

    /// The bytes of a box, counted from the definition of row-major order.
    private static func bytes(of box: ShardRange, in type: TensorType, _ number: Int) -> [UInt8] {
        let places = box.ranges.reduce([[]]) { places, range in places.flatMap { place in range.map { place + [$0] } } }
        return places.flatMap { place in
            let index = zip(place, type.shape.dimensions).reduce(0) { $0 * $1.1 + $1.0 }
            return (0..<type.elementType.byteCount).map { byte in
                let offset = index * type.elementType.byteCount + byte
                // 0 or 1, for Bool has no other.
                return type.elementType == .bool
                    ? UInt8(offset % 3 % 2) : UInt8((offset * 37 + offset >> 8 + number) % 251)
            }
        }
    }

    /// Saves the model as a set: all ranks together.
    @discardableResult
    func save(
        _ kind: CheckpointSet.Kind, named name: String = "net", step: Int = 7, to directory: CheckpointDirectory,
        world: any Communicator, form: CheckpointForm = .plain, companion: CheckpointFile? = nil,
        bufferByteCount: Int = 100
    ) throws -> Manifest {
        let plan = SavePlan(
            kind, named: name, try parameters(of: world.rank, filled: true),
            extras: [("step_num", .integer(step))], mesh: mesh, world: world, form: form,
            bufferByteCount: bufferByteCount)
        let progress = TrainingProgress(
            epoch: 1, stepInEpoch: step, stepsPerEpoch: 100, step: step, globalBatch: 32, sampleCount: 32 * step,
            seed: 1, finished: false)
        let set = CheckpointSet(
            name: name, kind: kind, progress: progress, cause: SaveCause("a test"), mesh: plan.mesh, model: "M",
            parameters: plan.records)
        return try CheckpointPublisher(directory, world: world).publish(
            set, files: plan.files + [companion].compactMap(\.self), gathered: plan.gathered
        ).manifest
    }

    /// Loads the newest set; returns the names of parameters that do not have the right bytes, and the step.
    func load(
        from directory: CheckpointDirectory, world: any Communicator, key: EncryptionKey? = nil
    ) throws -> (wrong: [String], step: Int, warnings: [String])? {
        let parameters = try parameters(of: world.rank, filled: false)
        let restorer = CheckpointRestorer(directory, world: world, open: { try CheckpointFormats.open($0, key: key) })
        guard let restored = try restorer.restoreNewest(for: parameters) else { return nil }
        let expected = try self.parameters(of: world.rank, filled: true)
        let wrong = zip(parameters, expected).filter { $0.local.contents != $1.local.contents }
        return (wrong.map(\.0.name), try restored.reader.state.integer("step_num"), restored.warnings)
    }
}

/// A small generator, the same in every run.
private struct Random {
    var state: UInt64

    mutating func next(below limit: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % limit
    }
}
