import Checkpoints
import CheckpointsTestKit
import Collectives
import CollectivesTestKit
import Datasets
import Files
import Graphs
import Networks
import Records
import Stopping
import SystemPackage
import Tensors
import Testing

@testable import Runs
@testable import Training

/// Monitors that count epochs, in runs of three steps an epoch that are stopped and carried on.
///
/// The rate is far too high, so that the loss rises from epoch to epoch.
struct CallbackStateTests {
    private let disk = MemoryFileSystem()

    /// A stop within an epoch, in its last step, whose validation it skips, and between two epochs.
    @Test(arguments: [2, 3, 4, 6, 7], [1, 2])
    func aRunThatIsStoppedAndCarriedOnEndsAsIfItHadNot(stop: Int, ranks: Int) throws {
        let undisturbed = try MonitoredRun().fit()
        #expect(undisturbed.stoppedEpoch == 4 && undisturbed.steps == 12)
        let disk = disk
        let stopped = try ThreadWorld.run(ranks: ranks) { world in
            try MonitoredRun(stop: stop).fit(on: disk, in: world)
        }
        #expect(stopped.allSatisfy { $0.steps == stop && $0.stoppedEpoch == nil })
        let ended = try ThreadWorld.run(ranks: ranks) { world in try MonitoredRun().fit(on: disk, in: world) }
        // On other ranks, sums are rounded otherwise.
        if ranks == 1 { #expect(ended == [undisturbed]) }
        #expect(ended[0].stoppedEpoch == 4 && ended[0].steps == 12 && ended[0].epochs == [1, 2, 3, 4])
    }

    @Test func aRunThatACallbackEndedIsNotTrainedFurther() throws {
        let first = try MonitoredRun().fit(on: disk)
        let sets = try names()
        let second = try MonitoredRun().fit(on: disk)
        #expect(second == first)
        #expect(try names() == sets)
        #expect(try manifest("Net_train")?.checkpoint.record?.callbacks?.endsRun == true)
    }

    /// `requestStop()` interrupts a run, however often; `requestEnd()` finishes it, whoever asks for a stop besides.
    @Test func aRunThatACallbackInterruptedIsCarriedOn() throws {
        let interrupting = { (step: Int) in
            LambdaCallback(onTrainStepEnd: { if $0.position.step == step { $0.requestStop() } })
        }
        let ending = LambdaCallback(onTrainStepEnd: { if $0.position.step == 5 { $0.requestEnd() } })
        let counter = Counter()
        for step in [2, 3] { try train(epochs: 4, saves: 1, [interrupting(step), counter]) }
        #expect(counter.keptState == 3)
        try train(epochs: 4, saves: 1, [ending, interrupting(5), counter])
        try train(epochs: 4, saves: 1, [counter])
        #expect(counter.keptState == 5)
    }

    @Test func onlyTheSetOfAModelCheckpointIsEnough() throws {
        let first = try MonitoredRun(leavesEnd: false).fit(on: disk)
        #expect(try names().last == "CKP-4_3")
        #expect(try MonitoredRun(leavesEnd: false).fit(on: disk) == first)
    }

    @Test func whoNamesTheSetTrainsItFurther() throws {
        _ = try MonitoredRun().fit(on: disk)
        let further = MonitoredRun(resume: .set(output.appending("Net_train.manifest.json")))
        #expect(try further.fit(on: disk).steps > 12)
    }

    /// The best epoch is the first, the last one is the fourth.
    @Test(arguments: [true, false])
    func restoredWeightsStandBesideTheirOwnMetrics(isSavedFirst: Bool) throws {
        _ = try MonitoredRun(isSavedFirst: isSavedFirst).fit(on: disk)
        for name in try names() where name != "Net_train" {
            let manifest = try #require(try manifest(name))
            guard let saved = manifest.checkpoint.metrics?["mae"] else { continue }
            let model = smallModel()
            _ = try LoadedNetwork(name, on: disk).load(into: model)
            let measured = try model.eval(MonitoredRun.data)["mae"]
            #expect(measured == saved, "\(name)")
        }
    }

    @Test func theBestWeightsTravelWithTheRun() throws {
        let undisturbed = try MonitoredRun().fit()
        _ = try MonitoredRun(stop: 7).fit(on: disk)
        let parameters = try #require(try manifest("Net_train")).checkpoint.parameters.map(\.name)
        #expect(parameters.contains("early_stopping.eval_loss.best.dense.weight"))
        #expect(try MonitoredRun().fit(on: disk).weights == undisturbed.weights)
    }

    @Test func anOwnCallbackKeepsWhatItCounts() throws {
        let counters = [Counter(), Counter()]
        try train(epochs: 2, [counters[0]])
        try train(epochs: 3, [counters[1]])
        #expect(counters.map(\.keptState) == [6, 9])
    }

    @Test func callbacksOfOneTypeAreToldApart() throws {
        let first = [Counter(by: 1), Counter(by: 10)]
        try train(epochs: 1, first)
        let second = [Counter(by: 1), Counter(by: 10)]
        try train(epochs: 2, second)
        #expect(second.map(\.keptState) == [6, 60])
    }

    private func train(epochs: Int, saves: Int? = nil, _ callbacks: [Callback]) throws {
        let steps = try saves.map {
            try ModelCheckpoint(
                directory: output.string, config: CheckpointConfig(saveCheckpointSteps: $0), files: disk)
        }
        let exit = try OnRequestExit(
            saveMindIR: false, directory: output.string, signals: [], savesCompleted: true, files: disk)
        try smallModel().train(epochs, MonitoredRun.data, callbacks: [exit] + callbacks + (steps.map { [$0] } ?? []))
    }

    private func names() throws -> [String] {
        try CheckpointDirectory(output, fileSystem: disk).list().manifests.map(\.name).sorted()
    }

    private func manifest(_ name: String) throws -> Manifest? {
        try CheckpointDirectory(output, fileSystem: disk).manifest(named: name)
    }
}

/// Adds up steps.
private final class Counter: Callback, StatefulCallback {
    var keptState = 0
    private let number: Int

    init(by number: Int = 1) { self.number = number }

    override func onTrainStepEnd(_ runContext: RunContext) { keptState += number }
}

/// What a monitored run came to.
private struct Outcome: Equatable, Sendable {
    let steps: Int
    let stoppedEpoch: Int?
    let epochs: [Int]
    let history: [String: [Double]]
    let rate: [Float]
    let weights: [Float]
}

private struct MonitoredRun: Sendable {
    /// After which step a request from outside comes.
    var stop: Int?
    var leavesEnd = true
    var resume = ResumeSource.newest
    var isSavedFirst = true

    static var data: DataLoader {
        get throws { try smallLoader(steps: 3) }
    }

    func fit(
        on disk: MemoryFileSystem = MemoryFileSystem(), in world: any Communicator = SoloCommunicator()
    ) throws -> Outcome {
        let model = smallModel(world: world, learningRate: 6.0)
        let source = AskedSource()
        let exit = try OnRequestExit(
            saveMindIR: false, directory: output.string, signals: [], resume: resume, savesCompleted: leavesEnd,
            stopping: StopOptions(sources: [source]), files: disk)
        let retention: Retention = [.latest(2), .best(1, of: "eval_loss", .lowest)]
        let saves = try ModelCheckpoint(
            prefix: .fixed("CKP"), directory: .fixed(output.string),
            config: CheckpointConfig(schedule: .steps(3), retention: retention), files: disk)
        let history = History()
        let stopping = try EarlyStopping(patience: 3, restoreBestWeights: true) { _ in }
        let plateau = try ReduceLROnPlateau(factor: 0.9, patience: 2) { _ in }
        var steps = 0
        let asking = Actor(.trainStepEnd) { context in
            steps = context.originalArgs().curStepNum
            if steps == stop { source.ask() }
        }
        let ending = Actor(.trainEnd) { context in steps = context.position.step }
        let monitors: [Callback] = [stopping, plateau, history, asking, ending]
        let callbacks: [Callback] = [exit] + (isSavedFirst ? [saves] + monitors : monitors + [saves])
        try model.fit(10, Self.data, Self.data, callbacks: callbacks)
        return Outcome(
            steps: steps, stoppedEpoch: stopping.stoppedEpoch, epochs: history.epoch, history: history.history,
            rate: model.optimizer?.learningRate.tensor.elements(of: Float.self) ?? [],
            weights: model.network.parameters.flatMap { $0.tensor.elements(of: Float.self) })
    }
}

/// The network of a set.
private struct LoadedNetwork {
    private let name: String
    private let disk: MemoryFileSystem

    init(_ name: String, on disk: MemoryFileSystem) {
        (self.name, self.disk) = (name, disk)
    }

    func load(into model: Model) throws {
        let restorer = CheckpointRestorer(
            CheckpointDirectory(output, fileSystem: disk), world: SoloCommunicator(),
            open: { try CheckpointFormats.open($0) })
        let wanted = model.network.parameters.map(\.asSaved)
        _ = try restorer.restoreNewest(for: wanted, where: { $0 == name })
    }
}
