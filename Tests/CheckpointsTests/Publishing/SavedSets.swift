import Checkpoints
import CheckpointsTestKit
import Collectives
import Files
import SystemPackage
import Tensors

/// The directory that the tests of this folder publish in.
let output: FilePath = "/disk/output"

/// The description of a set that differs from others in its step and name alone.
func set(_ name: String, step: Int, model: String = "LeNet5", kind: CheckpointSet.Kind = .replicated) -> CheckpointSet {
    let progress = TrainingProgress(
        epoch: 1, stepInEpoch: step, stepsPerEpoch: 100, step: step, globalBatch: 32, sampleCount: 32 * step,
        seed: UInt64.max - 1, finished: false)
    return CheckpointSet(
        name: name, kind: kind, progress: progress, cause: SaveCause("a signal", requestingRank: 1),
        mesh: [MeshAxis("dp", size: 1)], model: model,
        parameters: [ParameterRecord(name: "w", elementType: "Float32", shape: [3])])
}

/// This rank's file of a set: it holds the step of the set and the rank.
func file(_ name: String, step: Int, rank: Int) -> CheckpointFile {
    CheckpointFile("rank_\(rank)/\(name).ckpt") { file in
        let writer = CkptWriter(to: file)
        try writer.write("w", Tensor([Float(step), Float(rank), 0.5], shape: [3]))
        try writer.write("step_num", .integer(step))
        try writer.finish()
    }
}

/// Publishes a set of one file a rank.
@discardableResult
func publish(
    _ name: String, step: Int, over world: any Communicator = SoloCommunicator(), on fileSystem: any FileSystem
) throws -> CheckpointPublisher.Published {
    let directory = CheckpointDirectory(output, fileSystem: fileSystem)
    return try CheckpointPublisher(directory, world: world).publish(
        set(name, step: step), files: [file(name, step: step, rank: world.rank)])
}
