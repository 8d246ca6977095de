import Checkpoints
import Collectives
import CollectivesTestKit
import Files
import Foundation
import Layouts
import Memory
import MindSporeTestKit
import SystemPackage
import Tensors
import Testing

/// Slices exchanged with real MindSpore, both ways, by `Tests/MindSpore/parallel.py`.
///
/// `LOCKSTEP_PYTHON` names a Python that has MindSpore 2.10. Without it these tests are left out, but fail in CI.
@Suite(.enabled(if: hasMindSpore), .serialized)
final class ParallelExchangeTests {
    private let files = LocalFileSystem()
    private let directory: FilePath

    init() throws {
        directory = FilePath(NSTemporaryDirectory()).appending("parallel-\(UUID().uuidString)")
        try files.createDirectory(directory)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: directory.string)
    }

    /// Every way of cutting there is: the shape of each is divided by all of its axes.
    private static func model(on mesh: DeviceMesh) throws -> [(name: String, type: TensorType, layout: TensorLayout?)] {
        [
            ("column", TensorType([16, 24]), try mesh.layout(nil, "tp")),
            ("row", TensorType([16, 24]), try mesh.layout("tp", nil)),
            ("both", TensorType([16, 24], .float16), try mesh.layout("dp", "tp")),
            ("several", TensorType([8, 32]), try mesh.layout(nil, ["dp", "tp"])),
            ("line", TensorType([32]), try mesh.layout(["dp", "tp"])),
            ("whole", TensorType([24]), try mesh.layout(nil)),
            ("cube", TensorType([2, 3, 16], .int32), try mesh.layout(nil, nil, "dp")),
            ("column_optimizer", TensorType([16, 24]), try mesh.layout(nil, "tp").with(.everyReplica)),
            ("row_optimizer", TensorType([16, 24]), try mesh.layout("tp", nil).with(.everyReplica)),
            ("whole_optimizer", TensorType([16]), try mesh.layout(nil).with(.everyReplica)),
            ("row_moment", TensorType([16, 24]), try mesh.layout("tp", nil).splitting(0, by: "dp")),
            ("line_moment", TensorType([32]), try mesh.layout("tp").splitting(0, by: "dp")),
            ("column_moment", TensorType([16, 24]), try mesh.layout(nil, "tp").splitting(0, by: "dp")),
            ("norm", TensorType([24]), nil), ("global_step", TensorType([1], .int32), nil),
            ("scale", TensorType([]), nil),
        ]
    }

    /// What rank `rank` holds: element i of the whole has the bytes of i.
    private static func parameters(on mesh: DeviceMesh, rank: Int) throws -> [ShardedParameter] {
        try model(on: mesh).map { name, type, layout in
            let sharding = try layout.map { try TensorSharding(of: type.shape.dimensions, $0) }
            let box = sharding?.range(of: rank) ?? ShardRange(whole: type.shape.dimensions)
            let local = Tensor(zeros: Shape(box.shape), elementType: type.elementType)
            var contents = [UInt8](repeating: 0, count: local.bytes.count)
            let size = type.elementType.byteCount
            for run in CopyRuns(box, in: type.shape.dimensions, to: ShardRange(whole: box.shape), in: box.shape) {
                for index in 0..<run.count { contents[(run.target + index) * size] = UInt8((run.source + index) % 251) }
            }
            local.fill(contents)
            guard let layout else { return ShardedParameter(name, local) }
            return try ShardedParameter(name, whole: type.shape, layout, local: local)
        }
    }

    private func publish(_ kind: CheckpointSet.Kind, on mesh: DeviceMesh, as format: CheckpointFileFormat) throws {
        let directory = CheckpointDirectory(directory.appending(kind.rawValue))
        _ = try ThreadWorld.run(ranks: mesh.rankCount) { world in
            let plan = SavePlan(
                kind, named: "net", try Self.parameters(on: mesh, rank: world.rank),
                extras: [("epoch_num", .integer(3))], mesh: mesh, world: world, form: try CheckpointForm(format))
            let progress = TrainingProgress(
                epoch: 3, stepInEpoch: 1, stepsPerEpoch: 1, step: 1, globalBatch: 1, sampleCount: 1, seed: 1,
                finished: true)
            let set = CheckpointSet(
                name: "net", kind: kind, progress: progress, cause: SaveCause("a test"), mesh: plan.mesh, model: "M",
                parameters: plan.records)
            return try CheckpointPublisher(directory, world: world).publish(
                set, files: plan.files, gathered: plan.gathered
            ).warning
        }
    }

    /// Runs the script; returns what it printed if it found mistakes.
    private func run(_ command: String, _ format: String) throws -> String? {
        try MindSporeScript("parallel.py").run([command, directory.string, format])
    }

    @Test(arguments: ["ckpt", "safetensors"]) func mindSporeMergesOurSlices(format: String) throws {
        let mesh = try DeviceMesh(["dp": 4, "tp": 2])
        let ours = try #require(CheckpointFileFormat(rawValue: format))
        try publish(.sharded, on: mesh, as: ours)
        try publish(.integrated, on: mesh, as: ours)
        #expect(try run("merge", format) == nil)
    }

    /// Whole parameters are loaded too, and those whose rows several axes split.
    @Test(arguments: [(4, 2), (2, 4)]) func mindSporeLoadsOurSlicesIntoANetwork(dp: Int, tp: Int) throws {
        let mesh = try DeviceMesh(["dp": dp, "tp": tp])
        try publish(.sharded, on: mesh, as: .ckpt)
        try publish(.integrated, on: mesh, as: .ckpt)
        #expect(try run("load", "sharded") == nil)
    }

    @Test(arguments: [CheckpointSet.Kind.sharded, .deduplicated])
    func mindSporeUnifiesOurSlices(kind: CheckpointSet.Kind) throws {
        let mesh = try DeviceMesh(["dp": 4, "tp": 2])
        try publish(kind, on: mesh, as: .safetensors)
        try publish(.integrated, on: mesh, as: .safetensors)
        #expect(try run("unify", kind.rawValue) == nil)
    }

    /// `.ckpt` only: cutting columns into safetensors, MindSpore 2.10 writes the wrong elements, those that follow the
    /// first one in memory.
    @Test func weReadWhatMindSporeCuts() throws {
        let mesh = try DeviceMesh(["dp": 4, "tp": 2])
        try publish(.sharded, on: mesh, as: .ckpt)
        try publish(.integrated, on: mesh, as: .ckpt)
        try #require(try run("cut", "ckpt") == nil)
        var cut: [Int: any CheckpointReader] = [:]
        for rank in 0..<mesh.rankCount {
            let folder = directory.appending("cut").appending("rank_\(rank)")
            let name = try #require(try files.names(in: folder).first)
            cut[rank] = try CkptReader(file: files.open(folder.appending(name)))
        }
        let strategyPath = directory.appending("sharded").appending("strategy").appending("net.ckpt")
        let reader = try ShardedReader(cut, strategy: StrategyFile(contentsOf: files.open(strategyPath)))
        let narrow = try DeviceMesh(["dp": 1, "tp": 2])
        for rank in 0..<2 {
            for expected in try Self.parameters(on: narrow, rank: rank) {
                let local = Tensor(zeros: expected.local.shape, elementType: expected.type.elementType)
                let layout = expected.sharding?.layout ?? narrow.replicated(dimensionCount: expected.type.shape.rank)
                let wanted = try ShardedParameter(expected.name, whole: expected.type.shape, layout, local: local)
                try reader.load(wanted, rank: rank)
                #expect(local.contents == expected.local.contents, "\(expected.name)")
            }
        }
    }
}
