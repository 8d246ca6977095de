import Checkpoints
import CheckpointsTestKit
import Collectives
import Datasets
import Files
import Networks
import Runs
import SystemPackage
import Training

/// Where the tests of this folder save.
let output: FilePath = "/disk/output"

/// A run of the small model on a disk in memory.
struct SavingRun: Sendable {
    var epochs = 3
    var steps = 4
    var disk = MemoryFileSystem()

    func checkpoint(
        _ config: CheckpointConfig? = nil, prefix: RunText = .fixed("CKP"), directory: RunText = .fixed(output.string)
    ) throws -> ModelCheckpoint {
        try ModelCheckpoint(prefix: prefix, directory: directory, config: config, files: disk)
    }

    /// Trains on one rank with the callbacks.
    @discardableResult
    func train(
        _ callbacks: [Callback], world: any Communicator = SoloCommunicator(), initialEpoch: Int = 0,
        validating: DataLoader? = nil, surroundings: any Surroundings = .system
    ) throws -> Model {
        let model = smallModel(world: world)
        try model.fit(
            epochs, smallLoader(steps: steps, batchSize: 4), validating, callbacks: callbacks,
            initialEpoch: initialEpoch, surroundings: surroundings)
        return model
    }

    /// The checkpoint files in a folder below the directory, in order.
    func names(_ folder: String = "") -> [String] {
        let path = folder.isEmpty ? output : output.appending(folder)
        let names = (try? disk.names(in: path)) ?? []
        return names.filter { !$0.hasPrefix(".") && ($0.hasSuffix(".ckpt") || $0.hasSuffix(".safetensors")) }
    }

    /// The names of the published sets, the oldest first.
    func sets() throws -> [String] {
        try CheckpointDirectory(output, fileSystem: disk).list().manifests
            .sorted { ($0.checkpoint.progress.step, $0.name) < ($1.checkpoint.progress.step, $1.name) }.map(\.name)
    }
}

/// Acts in a hook.
final class Actor: Callback {
    private let hook: Hook
    private let action: (RunContext) throws -> Void

    init(_ hook: Hook, _ action: @escaping (RunContext) throws -> Void) {
        self.hook = hook
        self.action = action
    }

    /// Raises in a hook, at a step if one is given.
    static func raising(_ hook: Hook, step: Int? = nil) -> Actor {
        Actor(hook) { context in
            if step == nil || context.originalArgs().curStepNum == step { throw Boom() }
        }
    }

    override func onTrainBegin(_ context: RunContext) throws { if hook == .trainBegin { try action(context) } }
    override func onTrainEpochBegin(_ context: RunContext) throws {
        if hook == .trainEpochBegin { try action(context) }
    }
    override func onTrainStepBegin(_ context: RunContext) throws { if hook == .trainStepBegin { try action(context) } }
    override func onTrainStepEnd(_ context: RunContext) throws { if hook == .trainStepEnd { try action(context) } }
    override func onTrainEpochEnd(_ context: RunContext) throws { if hook == .trainEpochEnd { try action(context) } }
    override func onTrainEnd(_ context: RunContext) throws { if hook == .trainEnd { try action(context) } }
    override func onEvalStepEnd(_ context: RunContext) throws { if hook == .evalStepEnd { try action(context) } }
}
