import Checkpoints
import Collectives
import CollectivesTestKit
import Files
import Foundation
import Graphs
import Networks
import Runs
import SurroundingsTestKit
import SystemPackage
import Tensors
import Training

/// Runs that save in one directory, by Lockstep and, with the same arguments, by MindFormers (`Tests/MindSpore/monitor.py`).
struct MonitorScenario: Encodable, Sendable {
    let name: String
    var ranks = 1
    /// Several runs, one after the other.
    var runs = [MonitorRun()]
    /// Files of somebody else that lie there from the beginning.
    var foreign: [String] = []
    /// Whether MindFormers makes the same runs elsewhere and all files are compared.
    var isCompared = true
    /// Whether MindFormers looks in our folder for what to carry on from.
    var resumes = true
    /// Whether MindFormers makes a run in our folder afterwards.
    var continues = false
    var removeRedundancy = false
    var format = "ckpt"
    /// What differs on purpose.
    var differences: [String] = []

    private enum CodingKeys: CodingKey {
        case name, ranks, runs, foreign, isCompared, resumes, continues, removeRedundancy, format
    }

    /// Makes the runs, on as many ranks as there are.
    func run(in directory: FilePath) throws {
        for path in foreign {
            let file = directory.appending(path)
            try FileManager.default.createDirectory(
                atPath: file.removingLastComponent().string, withIntermediateDirectories: true)
            try Data("somebody's".utf8).write(to: URL(filePath: file.string))
        }
        for run in runs {
            _ = ThreadWorld.runCollecting(ranks: ranks) { world in
                try run.train(in: directory, world: world, removeRedundancy: removeRedundancy)
            }
        }
    }
}

/// The arguments of a `CheckpointMonitor` and of a run.
struct MonitorRun: Encodable, Sendable {
    /// What is appended, in words that the script knows as well.
    enum Appended: String, Encodable { case `default`, counters, usual, values }

    /// Which network is saved; nil: the one that is trained.
    enum Saved: String, Encodable { case other, part }

    var prefix = "CKP"
    var saveCheckpointSteps = 3
    var saveCheckpointSeconds = 0
    var keepCheckpointMax = 2
    var keepCheckpointPerNMinutes = 0
    var saveNetworkParams = false
    var saveTrainableParams = false
    var asyncSave = false
    var savedNetwork: Saved?
    var append = Appended.default
    var exceptionSave = false
    var globalBatchSize: Int?
    var checkpointFormat = "ckpt"
    var epochs = 2
    var stepsPerEpoch = 4
    var secondsPerStep = 1
    var raisesAfterStep: Int?

    private var appendInfo: [AppendInfo]? {
        switch append {
        case .default: nil
        case .counters: [.epochNum, .stepNum]
        case .usual: [["epoch_num": 0, "step_num": 0, "global_step": 0, "loss_scale": 1]]
        case .values:
            [
                [
                    "epoch_num": 0, "step_num": 0, "batch": 32, "scale": 0.5, "warm": true, "note": "as \"is\"",
                    "table": .tensor(Tensor([0, 1, 2, 3] as [Float], shape: [2, 2])),
                    "own": .tensor(Tensor([7] as [Int64], shape: [1])),
                ]
            ]
        }
    }

    func train(in directory: FilePath, world: any Communicator, removeRedundancy: Bool) throws {
        let network = PartlyFrozen()
        let surroundings = VirtualSurroundings()
        let monitor = try CheckpointMonitor(
            prefix: prefix, directory: directory.string, saveCheckpointSteps: saveCheckpointSteps,
            saveCheckpointSeconds: saveCheckpointSeconds, keepCheckpointMax: keepCheckpointMax,
            keepCheckpointPerNMinutes: keepCheckpointPerNMinutes, saveNetworkParams: saveNetworkParams,
            saveTrainableParams: saveTrainableParams, asyncSave: asyncSave,
            savedNetwork: savedNetwork.map { $0 == .other ? Untrained() as any Cell : network.dense },
            appendInfo: appendInfo,
            exceptionSave: exceptionSave, globalBatchSize: globalBatchSize,
            checkpointFormat: checkpointFormat == "ckpt" ? .ckpt : .safetensors, removeRedundancy: removeRedundancy)
        let model = Model(
            network, lossFn: MSELoss(),
            optimizer: Momentum(network.trainableParameters, learningRate: 0.1, momentum: 0.9),
            world: world)
        let seconds = secondsPerStep
        let tick = Actor(.trainStepBegin) { _ in surroundings.sleep(for: .seconds(seconds)) }
        let failing = raisesAfterStep.map { [Actor.raising(.trainStepEnd, step: $0)] } ?? []
        try model.train(
            epochs, smallLoader(steps: stepsPerEpoch, batchSize: 4), callbacks: [monitor, tick] + failing,
            surroundings: surroundings)
    }
}

/// A dense layer, and a parameter that training does not change: `Network` of the script.
final class PartlyFrozen: Cell {
    let offset = Parameter(shape: [2], initializer: .zeros, requiresGradient: false)
    let dense = Dense(2, 2)

    func construct(_ x: Symbol) -> Symbol { dense(x).addingBias(x.trace.symbol(for: offset), axis: 1) }
}

/// A network that is saved and not trained: `Other` of the script.
final class Untrained: Cell {
    let head = Dense(2, 3)

    func construct(_ x: Symbol) -> Symbol { head(x) }
}
