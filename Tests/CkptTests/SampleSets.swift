import Checkpoints
import Ciphers
import Collectives
import CollectivesTestKit
import Files
import FoundationEssentials
import Layouts
import SurroundingsTestKit
import SystemPackage
import Tensors

/// Sets and files to look at.
enum SampleSets {
    /// Publishes a set of one rank: a tensor of four numbers that begin with `step`.
    @discardableResult
    static func publish(
        _ name: String, step: Int, in folder: TestFolder, at seconds: Int = 0, kilobytes: Int = 0,
        encryption: Encryption? = nil
    ) throws -> Manifest {
        try publish(
            name, step: step, in: FilePath(folder.path), at: seconds, kilobytes: kilobytes, encryption: encryption)
    }

    /// The same in any directory.
    @discardableResult
    static func publish(
        _ name: String, step: Int, in path: FilePath, at seconds: Int = 0, kilobytes: Int = 0,
        encryption: Encryption? = nil
    ) throws -> Manifest {
        let weight = Tensor((0..<4).map { Float(step + $0) }, shape: [2, 2])
        let ballast = Tensor(zeros: [256 * kilobytes])
        let parameters =
            [ShardedParameter("weight", weight)] + (kilobytes > 0 ? [ShardedParameter("ballast", ballast)] : [])
        let date = Date(timeIntervalSince1970: 1_000_000_000 + Double(seconds))
        return try publish(
            name, .integrated, parameters, step, path.string, SoloCommunicator(), DeviceMesh(["dp": 1]), date,
            encryption)
    }

    /// Publishes a set that follows a branch, which it then is the end of.
    @discardableResult
    static func publish(
        _ name: String, step: Int, after branch: inout RunBranch, loss: Double = 0.5,
        keeping retention: Retention? = nil,
        in folder: TestFolder
    ) throws -> Manifest {
        let progress = TrainingProgress(
            epoch: 1, stepInEpoch: step, stepsPerEpoch: 100, step: step, globalBatch: 32, sampleCount: 32 * step,
            seed: 1, finished: false)
        let set = CheckpointSet(
            name: name, kind: .replicated, progress: progress, cause: SaveCause("a test"),
            mesh: [MeshAxis("dp", size: 1)], model: "M", metrics: ["loss": loss], retention: retention)
        let publisher = CheckpointPublisher(
            CheckpointDirectory(FilePath(folder.path)), world: SoloCommunicator(), branch: branch)
        let file = CheckpointFile("\(name).ckpt") { file in
            let writer = CkptWriter(to: file)
            try writer.write("step_num", .integer(step))
            try writer.finish()
        }
        let manifest = try publisher.publish(set, files: [file]).manifest
        branch = RunBranch(after: manifest)
        return manifest
    }

    /// Publishes a set of four ranks, each with its slices of a matrix, and returns the whole of it.
    static func publishSharded(
        _ name: String, _ kind: CheckpointSet.Kind, in folder: TestFolder, encryption: Encryption? = nil
    ) throws -> [Float] {
        let whole = (0..<32).map(Float.init)
        let mesh = try DeviceMesh(["dp": 2, "tp": 2])
        let layout = try mesh.layout(splits: [[], ["tp"]])
        let path = folder.path
        _ = try ThreadWorld.run(ranks: 4) { world in
            let box = try TensorSharding(of: [4, 8], layout).range(of: world.rank).ranges
            let elements = box[0].flatMap { row in box[1].map { whole[row * 8 + $0] } }
            let local = Tensor(elements, shape: [4, 4])
            let parameters = [
                try ShardedParameter("matrix", whole: [4, 8], layout, local: local),
                ShardedParameter("bias", Tensor([1, 2] as [Float], shape: [2])),
            ]
            try publish(
                name, kind, parameters, 7, path, world, mesh, Date(timeIntervalSince1970: 1_000_000_000),
                encryption)
        }
        return whole
    }

    /// Writes a `.ckpt` file with some tensors.
    static func write(_ tensors: KeyValuePairs<String, CheckpointValue>, to path: String, crc: Bool = false) throws {
        let file = try LocalFileSystem().create(FilePath(path))
        let writer = CkptWriter(to: file, crc: crc)
        for (name, value) in tensors { try writer.write(name, value) }
        try writer.finish()
        try file.close()
    }

    /// Writes a file whose contents are too large for a disk of `kilobytes`.
    static func writeLarge(kilobytes: Int, to path: String) throws {
        try write(["large": .tensor(Tensor(zeros: [256 * kilobytes]))], to: path)
    }

    @discardableResult
    private static func publish(
        _ name: String, _ kind: CheckpointSet.Kind, _ parameters: [ShardedParameter], _ step: Int, _ folder: String,
        _ world: any Communicator, _ mesh: DeviceMesh, _ date: Date, _ encryption: Encryption?
    ) throws -> Manifest {
        let plan = SavePlan(
            kind, named: name, parameters, extras: [("step_num", .integer(step))], mesh: mesh, world: world,
            form: try CheckpointForm(encryption: encryption))
        let progress = TrainingProgress(
            epoch: 1, stepInEpoch: step, stepsPerEpoch: 100, step: step, globalBatch: 32, sampleCount: 32 * step,
            seed: 1, finished: false)
        let set = CheckpointSet(
            name: name, kind: kind, progress: progress, cause: SaveCause("a test", requestingRank: 0), mesh: plan.mesh,
            model: "M", parameters: plan.records, metrics: ["loss": 0.5])
        let publisher = CheckpointPublisher(
            CheckpointDirectory(FilePath(folder), key: encryption?.key), world: world,
            surroundings: VirtualSurroundings(date: date, seed: .random(in: 0 ... .max)))
        return try publisher.publish(set, files: plan.files, gathered: plan.gathered).manifest
    }
}
