import Checkpoints
import CheckpointsTestKit
import Collectives
import Dispatch
import Files
import FoundationEssentials
import SurroundingsTestKit
import Synchronization
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

/// Publishes a set that follows a branch, which it then is the end of.
@discardableResult
func publish(
    _ name: String, step: Int, after branch: inout RunBranch, on fileSystem: any FileSystem, in path: FilePath = output,
    at seconds: Double = 1_000_000_000
) throws -> Manifest {
    let publisher = CheckpointPublisher(
        CheckpointDirectory(path, fileSystem: fileSystem), world: SoloCommunicator(), branch: branch,
        surroundings: VirtualSurroundings(date: Date(timeIntervalSince1970: seconds), seed: .random(in: 0 ... .max)))
    let manifest = try publisher.publish(set(name, step: step), files: [file(name, step: step, rank: 0)]).manifest
    branch = RunBranch(after: manifest)
    return manifest
}

/// Publishes a set of one file a rank, by a clock that stands still: what is newest must not hang on when a test runs.
@discardableResult
func publish(
    _ name: String, step: Int, over world: any Communicator = SoloCommunicator(), on fileSystem: any FileSystem,
    inBackground: Bool = false, branch: RunBranch? = nil, at seconds: Double = 1_000_000_000
) throws -> CheckpointPublisher.Published {
    let publisher = CheckpointPublisher(
        CheckpointDirectory(output, fileSystem: fileSystem), world: world, branch: branch,
        surroundings: VirtualSurroundings(date: Date(timeIntervalSince1970: seconds), seed: .random(in: 0 ... .max)))
    let files = [file(name, step: step, rank: world.rank)]
    guard inBackground else { return try publisher.publish(set(name, step: step), files: files) }
    let pending = try publisher.begin(set(name, step: step), files: files)
    let written = Mutex<Result<[ManifestFile], any Error>?>(nil)
    let writing = DispatchGroup()
    DispatchQueue.global().async(group: writing) {
        let result = Result { try publisher.write(pending) }
        written.withLock { $0 = result }
    }
    // The run goes on, and its ranks meet, while files are being written.
    let met = Result { try world.barrier() }
    // Whatever becomes of the others, nobody leaves while its files are being written.
    writing.wait()
    try met.get()
    guard let result = written.withLock({ $0 }) else { fatalError("the files are neither written nor not written") }
    return try publisher.finish(pending, written: result)
}
