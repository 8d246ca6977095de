import Checkpoints
import CheckpointsTestKit
import Ciphers
import Collectives
import CollectivesTestKit
import Files
import Layouts
import SystemPackage
import Tensors
import Testing

/// Sets of every kind, saved on one mesh and loaded on every other.
struct ShardedSetTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let kind: CheckpointSet.Kind
        let mesh: Int
        let format: String

        var testDescription: String { "\(kind) .\(format) on \(MeshModel.meshes[mesh])" }
    }

    static let cases = CheckpointSet.Kind.allCases.flatMap { kind in
        MeshModel.meshes.indices.map { Case(kind: kind, mesh: $0, format: $0 % 2 == 0 ? "ckpt" : "safetensors") }
    }

    @Test(arguments: cases) func everyMeshLoadsTheSameBits(saved: Case) throws {
        let disk = MemoryFileSystem()
        let directory = CheckpointDirectory("/out", fileSystem: disk)
        let seed = saved.kind == .replicated ? nil : 100 + saved.mesh
        let model = try MeshModel(on: MeshModel.meshes[saved.mesh], seed: seed)
        let form = try CheckpointForm(try #require(CheckpointFileFormat(rawValue: saved.format)))
        _ = try ThreadWorld.run(ranks: model.mesh.rankCount) { world in
            try model.save(saved.kind, to: directory, world: world, form: form)
        }
        for (index, mesh) in MeshModel.meshes.enumerated() {
            let model = try MeshModel(on: mesh, seed: index % 3 == 0 ? nil : index)
            let loaded = try ThreadWorld.run(ranks: mesh.rankCount) { world in
                let loaded = try model.load(from: directory, world: world)
                return (loaded?.wrong, loaded?.step, loaded?.warnings)
            }
            for (rank, (wrong, step, warnings)) in loaded.enumerated() {
                #expect(wrong == [] && step == 7 && warnings == [], "rank \(rank) of \(mesh)")
            }
        }
    }

    @Test func encryptedSlicesAreGatheredAndRead() throws {
        let disk = MemoryFileSystem()
        let directory = CheckpointDirectory("/out", fileSystem: disk)
        let key = try EncryptionKey([UInt8](repeating: 7, count: 32).span)
        let form = try CheckpointForm(encryption: Encryption(key: key))
        let model = try MeshModel(on: MeshModel.meshes[3], seed: 5)
        _ = try ThreadWorld.run(ranks: 4) { world in
            let manifest = try model.save(.integrated, to: directory, world: world, form: form)
            let parameters = try model.parameters(of: world.rank, filled: false)
            let reader = try CheckpointSetReader(
                manifest, in: directory, for: parameters, world: world,
                open: { try CheckpointFormats.open($0, key: key) })
            try reader.load()
            for (loaded, right) in zip(parameters, try model.parameters(of: world.rank, filled: true)) {
                #expect(loaded.local.contents == right.local.contents)
            }
        }
    }

    @Test func eachSliceOfADeduplicatedSetIsSavedOnce() throws {
        let disk = MemoryFileSystem()
        let directory = CheckpointDirectory("/out", fileSystem: disk)
        let mesh = try DeviceMesh(["dp": 2, "tp": 2])
        let manifests = try ThreadWorld.run(ranks: 4) { world in
            let parameters = try [("bf", [8, 4]), ("col.weight", [8, 4]), ("rep.bias", [8]), ("row.weight", [4, 8])].map
            { name, shape in
                let layout =
                    try name == "row.weight"
                    ? mesh.layout("tp", nil) : shape.count == 1 ? mesh.layout(nil) : mesh.layout(nil, "tp")
                let slice = try TensorSharding(of: shape, layout).shardShape
                return try ShardedParameter(name, whole: Shape(shape), layout, local: Tensor(zeros: Shape(slice)))
            }
            let plan = SavePlan(.deduplicated, named: "net", parameters, mesh: mesh, world: world)
            let set = CheckpointSet(
                name: "net", kind: .deduplicated,
                progress: TrainingProgress(
                    epoch: 1, stepInEpoch: 1, stepsPerEpoch: 1, step: 1, globalBatch: 1, sampleCount: 1, seed: 1,
                    finished: false), cause: SaveCause("a test"), mesh: plan.mesh, model: "M", parameters: plan.records)
            return try CheckpointPublisher(directory, world: world).publish(set, files: plan.files).manifest
        }
        let names = try (0..<4).map { rank in
            try CkptReader(file: disk.open(FilePath("/out/rank_\(rank)/net.ckpt"))).entries.map(\.name)
        }
        #expect(names == [["bf", "rep.bias", "row.weight"], ["bf", "row.weight"], ["col.weight"], ["col.weight"]])
        let strategy = try StrategyFile(contentsOf: disk.open("/out/strategy/net.ckpt"))
        #expect(strategy.items.map(\.parameter) == ["bf", "col.weight", "rep.bias", "row.weight"])
        let record = try #require(manifests[0].checkpoint.parameters.first { $0.name == "row.weight" })
        #expect(record.layout?.axes == [["tp"], []])
        #expect(record.shape == [4, 8])
    }

    @Test func damageInAFileThatAnyRankNeedsIsFoundByAll() throws {
        let disk = MemoryFileSystem()
        let directory = CheckpointDirectory("/out", fileSystem: disk)
        let model = try MeshModel(on: MeshModel.meshes[3], seed: 11)
        _ = try ThreadWorld.run(ranks: 4) { world in
            try model.save(.sharded, named: "old", step: 1, to: directory, world: world)
            try model.save(.sharded, named: "new", step: 2, to: directory, world: world)
        }
        disk.damage("/out/rank_3/new.ckpt", at: 9)
        let loaded = try ThreadWorld.run(ranks: 2) { world in
            let model = try MeshModel(on: MeshModel.meshes[1], seed: 12)
            let loaded = try model.load(from: directory, world: world)
            return (loaded?.wrong, loaded?.step, loaded?.warnings)
        }
        for (wrong, step, warnings) in loaded {
            #expect(wrong == [] && step == 1)
            #expect(warnings?.first?.contains("/out/rank_3/new.ckpt is damaged: its checksum is ") == true)
        }
    }

    @Test func whatDoesNotFitIsRefusedInOneSentence() throws {
        let disk = MemoryFileSystem()
        let directory = CheckpointDirectory("/out", fileSystem: disk)
        let world = SoloCommunicator()
        let model = try MeshModel(on: MeshModel.meshes[0], seed: 1)
        let manifest = try model.save(.sharded, to: directory, world: world)
        let other = ShardedParameter("bias", Tensor(zeros: [5]))
        let unknown = ShardedParameter("x", Tensor(zeros: [5]))
        #expect(
            throws: CheckpointSetError.unreadable(name: "net", reason: "bias is Float32[16], not Float32[5]")
        ) { try CheckpointSetReader(manifest, in: directory, for: [other], world: world) }
        #expect(throws: CheckpointSetError.unreadable(name: "net", reason: "it has no x")) {
            try CheckpointSetReader(manifest, in: directory, for: [unknown], world: world)
        }
        let reader = try CheckpointSetReader(manifest, in: directory, for: [unknown], world: world, strict: false)
        try reader.load()
        #expect(reader.notLoaded == ["x"])
        #expect(reader.unused.contains("embedding"))
    }
}
