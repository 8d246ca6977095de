import Checkpoints
import CheckpointsTestKit
import Collectives
import CollectivesTestKit
import Execution
import Graphs
import Memory
import Networks
import Records
import Runs
import Stopping
import SystemPackage
import Tensors
import Testing
import Training

/// What a run does whose numbers are none any more: three epochs of four steps, saved after every second step.
struct NonFiniteTests {
    private let run = SavingRun()

    @Test(arguments: [1, 4])
    func aLossThatIsNoNumberEndsAllRanksWithOneSentence(ranks: Int) throws {
        let error = NonFiniteError(finding: "the loss is nan after step 7")
        try expect(error, ranks: ranks, poisoning: .trainStepBegin, step: 7)
        #expect(try run.sets() == ["CKP-1_4", "CKP-2_2"])
    }

    /// The loss of the step is a number, as the weights were before it.
    @Test(arguments: [1, 4])
    func aWeightThatIsNoNumberIsNotSaved(ranks: Int) throws {
        let error = NonFiniteError(
            finding: "dense.weight has elements that are no finite numbers after step 8")
        try expect(error, ranks: ranks, poisoning: .trainStepEnd, step: 8)
        #expect(try run.sets() == ["CKP-1_4", "CKP-2_2"])
    }

    @Test func aWeightThatIsNoNumberIsFoundAtTheEndOfAnEpoch() throws {
        let error = NonFiniteError(
            finding: "dense.weight has elements that are no finite numbers after step 4")
        #expect(throws: error) { try train([Poison(.trainStepEnd, step: 4)]) }
    }

    @Test(arguments: [1, 2])
    func aSaveUnderWayIsPublished(ranks: Int) throws {
        let error = NonFiniteError(finding: "the loss is nan after step 7")
        try expect(error, ranks: ranks, poisoning: .trainStepBegin, step: 7, asyncSave: true)
        #expect(try run.sets() == ["CKP-1_4", "CKP-2_2"])
    }

    @Test func noBreakpointIsLeft() throws {
        let config = try CheckpointConfig(saveCheckpointSteps: 2, keepCheckpointMax: 2, exceptionSave: true)
        let callbacks: [Callback] = [Poison(.trainStepBegin, step: 7), try run.checkpoint(config)]
        #expect(throws: NonFiniteError.self) { try train(callbacks) }
        #expect(try run.sets() == ["CKP-1_4", "CKP-2_2"])
    }

    @Test(arguments: [1, 2])
    func aStopInTheVeryStepReplacesNoSet(ranks: Int) throws {
        let run = run
        let shorter = SavingRun(epochs: 1, disk: run.disk)
        _ = try ThreadWorld.run(ranks: ranks) { world in _ = try shorter.train([exit()], world: world) }
        let before = try manifest()
        #expect(before?.checkpoint.progress.step == 4)
        let outcomes = ThreadWorld.runCollecting(ranks: ranks) { world in
            let source = AskedSource()
            let asking = Actor(.trainStepEnd) { context in if context.originalArgs().curStepNum == 7 { source.ask() } }
            let poison = Poison(.trainStepBegin, step: 7)
            try run.train([try exit(StopOptions(sources: [source])), poison, asking], world: world)
        }
        for outcome in outcomes { #expect(throws: NonFiniteError.self) { try outcome.get() } }
        #expect(try manifest() == before)
    }

    /// Infinite weights, with which a run would go on for ever.
    @Test func aRunThatGoesOnKeepsItsGoodSets() throws {
        let config = try CheckpointConfig(saveCheckpointSteps: 2, keepCheckpointMax: 2)
        let shorter = SavingRun(epochs: 1, disk: run.disk)
        try shorter.train([exit()])
        try train([exit(), Poison(.trainStepBegin, step: 7), run.checkpoint(config)], onNaN: .warn)
        let sets = try run.sets()
        #expect(sets == ["Net_train", "CKP-2_2", "CKP-3_2", "CKP-3_4", "Net_train_nan"])
        let findings = try sets.map { try manifest($0)?.checkpoint.record?.nonFinite }
        #expect(findings == [nil, nil, "the loss is nan after step 10"] + findings.suffix(2))
        #expect(findings.suffix(2) == ["the loss is nan after step 12", "the loss is nan after step 12"])
    }

    @Test func aRunCarriesOnFromNumbersOnly() throws {
        let config = try CheckpointConfig(saveCheckpointSteps: 2, keepCheckpointMax: 2)
        let shorter = SavingRun(epochs: 2, disk: run.disk)
        let model = modelOfSavingRun(onNaN: .warn)
        try model.train(
            2, smallLoader(steps: 4, batchSize: 4),
            callbacks: [shorter.checkpoint(config), Poison(.trainStepBegin, step: 7)])
        let exit = try exit()
        try train([exit, run.checkpoint(config)])
        #expect(exit.resumed?.name == "CKP-2_2")
    }

    @Test func anEvaluationWhoseLossIsNoNumberFails() throws {
        let model = modelOfSavingRun(onNaN: .fail)
        poison(model.network.parameters)
        #expect(throws: NonFiniteError(finding: "the loss of the evaluation is nan")) {
            _ = try model.eval(smallLoader(steps: 2))
        }
        let warning = modelOfSavingRun(onNaN: .warn)
        poison(warning.network.parameters)
        #expect(try warning.eval(smallLoader(steps: 2))["mae"]?.isNaN == true)
    }

    private func expect(
        _ error: NonFiniteError, ranks: Int, poisoning hook: Hook, step: Int, asyncSave: Bool = false
    ) throws {
        let run = run
        let outcomes = ThreadWorld.runCollecting(ranks: ranks) { world in
            let config = try CheckpointConfig(
                saveCheckpointSteps: 2, keepCheckpointMax: 2, asyncSave: asyncSave)
            // On one rank only.
            let poison = world.rank == ranks - 1 ? [Poison(hook, step: step)] : []
            try run.train(poison + [run.checkpoint(config)], world: world)
        }
        for outcome in outcomes { #expect(throws: error) { try outcome.get() } }
    }

    private func train(_ callbacks: [Callback], onNaN policy: NonFinitePolicy = .fail) throws {
        try modelOfSavingRun(onNaN: policy).train(3, smallLoader(steps: 4, batchSize: 4), callbacks: callbacks)
    }

    private func exit(_ stopping: StopOptions = StopOptions()) throws -> OnRequestExit {
        try OnRequestExit(
            saveMindIR: false, directory: output.string, signals: [], savesCompleted: true, stopping: stopping,
            files: run.disk)
    }

    private func manifest(_ name: String = "Net_train") throws -> Manifest? {
        try CheckpointDirectory(output, fileSystem: run.disk).manifest(named: name)
    }
}

private func modelOfSavingRun(onNaN policy: NonFinitePolicy) -> Model {
    let network = SmallNetwork()
    return Model(
        network, lossFn: MSELoss(), optimizer: Momentum(network.parameters, learningRate: 0.1, momentum: 0.9),
        metrics: ["mae": MAE()], world: SoloCommunicator(), backend: CPUBackend(), seed: 0,
        settings: TrainingSettings(placement: .replicated(rank: 0, of: 1), onNaN: policy))
}

private func poison(_ parameters: [Parameter]) {
    let weights = parameters[0].tensor.slice(of: Float.self)
    var target = weights.mutableSpan
    target[0] = .nan
}

/// Makes a weight of this rank NaN.
private final class Poison: Callback {
    private let actor: Actor

    init(_ hook: Hook, step: Int) {
        actor = Actor(hook) { context in
            let run = context.originalArgs()
            if run.curStepNum == step { poison(run.network.parameters) }
        }
    }

    override func onTrainStepBegin(_ context: RunContext) throws { try actor.onTrainStepBegin(context) }
    override func onTrainStepEnd(_ context: RunContext) throws { try actor.onTrainStepEnd(context) }
}
