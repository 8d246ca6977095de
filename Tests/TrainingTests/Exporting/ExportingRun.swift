import Checkpoints
import CheckpointsTestKit
import Ciphers
import Collectives
import CollectivesTestKit
import Execution
import Files
import Graphs
import MindIR
import Models
import Networks
import SystemPackage
import Tensors

@testable import Runs
@testable import Training

/// Two steps of a small GPT on a mesh, into a directory on a disk in memory, with OnRequestExit at the end.
struct ExportingRun: Sendable {
    var dp = 1
    var tp = 1
    var savesCheckpoint = true
    var mindIR = MindIROptions()
    var form = CheckpointForm.plain
    var disk: any FileSystem = MemoryFileSystem()

    static let directory: FilePath = "/disk/out"
    private static let gpt = SmallGPT(sharesOptimizer: true, steps: 2)

    /// Trains, and returns what came of it on each rank.
    func outcomes() -> [Result<Void, any Error>] {
        ThreadWorld.runCollecting(ranks: dp * tp) { world in
            let (network, placement) = try Self.gpt.network(dp: dp, tp: tp, rank: world.rank)
            try train(network, placement, world, disk)
        }
    }

    /// Trains a network.
    func train(
        _ network: any Cell, _ placement: Placement, _ world: any Communicator, _ files: any FileSystem
    ) throws {
        let optimizer = AdamW(
            network.trainableParameters, learningRate: 0.01, share: .overData(of: placement))
        let model = Model(
            network, lossFn: GPTLoss(placement: placement), optimizer: optimizer, world: world,
            backend: CPUBackend(), seed: 5, settings: TrainingSettings(placement: placement))
        let exit = try OnRequestExit(
            saveCkpt: savesCheckpoint, fileName: "GPT", directory: Self.directory.string, signals: [],
            savesCompleted: true, form: form, mindIR: mindIR, files: files)
        try model.train(1, Self.gpt.data(), callbacks: [exit])
    }

    /// The network of the set that was left, whole.
    func restoredNetwork(key: EncryptionKey? = nil) throws -> GPT {
        let network = GPT(Self.gpt.sizes)
        let restorer = CheckpointRestorer(
            CheckpointDirectory(Self.directory, fileSystem: disk, key: key), world: SoloCommunicator(),
            model: network.fingerprint, open: { try CheckpointFormats.open($0, key: key) })
        let wanted = network.parameters.map(\.asSaved)
        guard let restored = try restorer.restoreNewest(for: wanted, where: { $0 == "GPT_train" }) else {
            throw MindIRError.missing(name: "GPT_train", path: Self.directory)
        }
        try restored.reader.load()
        return network
    }

    /// A network of the same sizes without values.
    func newNetwork() -> GPT { GPT(Self.gpt.sizes) }

    /// The set of a name; nil if there is none.
    func manifest(_ name: String = "GPT_train") throws -> Manifest? {
        try CheckpointDirectory(Self.directory, fileSystem: disk).manifest(named: name)
    }
}
