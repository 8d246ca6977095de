import Checkpoints
import Files
import Foundation
import Memory
import MindIR
import SystemPackage
import Tensors
import Testing

/// A published set that is whole.
struct SavedSet {
    let manifest: Manifest

    /// The file of rank 0; all ranks have the same.
    let state: Data

    /// Reads a set, which must be there and be what its manifest says.
    init(in directory: FilePath, named name: String = "LeNet5_train", ranks: Int) throws {
        let sets = CheckpointDirectory(directory)
        manifest = try #require(try sets.manifest(named: name), "\(directory) has no set \(name)")
        try sets.verify(manifest)
        #expect(manifest.worldSize == ranks)
        let stateFiles = manifest.files.filter { $0.role == .state }
        #expect(stateFiles.map(\.path) == (0..<ranks).map { "rank_\($0)/\(name).ckpt" })
        let states = try stateFiles.map { try Data(contentsOf: URL(filePath: directory.appending($0.path).string)) }
        state = states[0]
        for (rank, other) in states.enumerated() {
            // Outside of the macro: a failure would show both.
            let isSame = other == state
            #expect(isSame, "rank \(rank) has another state than rank 0")
        }
        let reader = try CkptReader(file: LocalFileSystem().open(directory.appending(stateFiles[0].path)))
        stepNumber = try reader.integer("step_num")
        networks = manifest.files.filter { $0.role == .network }.map(\.path)
        for path in networks {
            let network = try MindIRReader(directory.appending(path))
            #expect(!network.parameters.isEmpty)
            for parameter in network.parameters {
                let (saved, exported) = (try reader.tensor(parameter.name), try network.tensor(parameter.name))
                let isSame = saved.elements(of: Float.self) == exported.elements(of: Float.self)
                #expect(isSame, "\(parameter.name) of \(path) is another one than in the checkpoint")
            }
        }
    }

    /// The networks as MindIR, which have the parameters of the checkpoint bit for bit.
    let networks: [String]

    /// The entry `step_num`.
    let stepNumber: Int

    /// Throws unless this is the set that a stop left.
    func expect(_ stop: TrainerRun.Stop) {
        #expect(networks == (0..<manifest.worldSize).map { "rank_\($0)/LeNet5_train.mindir" })
        #expect(manifest.checkpoint.progress.step == stop.step)
        #expect(stepNumber == stop.step)
        #expect(manifest.checkpoint.cause.requestingRank == stop.rank)
        #expect(manifest.checkpoint.cause.reason == stop.reason)
    }

    /// Whether both hold the same bytes of parameters and optimizer state.
    func hasSameState(as other: SavedSet) -> Bool { state == other.state }
}

/// What the publish protocol keeps for itself, which must be gone after each attempt, in whatever way it ends.
func leftovers(in directory: FilePath) -> [String] {
    let all = FileManager.default.enumerator(atPath: directory.string)?.compactMap { $0 as? String } ?? []
    return all.filter { FilePath($0).lastComponent?.string.hasPrefix(".") ?? false }.sorted()
}
