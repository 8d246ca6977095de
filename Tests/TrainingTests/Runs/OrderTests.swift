import Checkpoints
import Graphs
import Networks
import Runs
import Stopping
import SystemPackage
import Tensors
import Testing
import Training

/// Callbacks in any order: what a run carries on from, and what it saves, does not depend on it.
struct OrderTests {
    /// All orders of three callbacks.
    private static let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]]

    /// Stops the run after its fifth step, or lets it end, with the callbacks in this order.
    private func train(_ run: SavingRun, _ order: [Int], stopping: Bool) throws -> (
        weights: [[Float]], resumed: String?
    ) {
        let asked = AskedSource()
        let exit = try OnRequestExit(
            saveMindIR: false, directory: output.string, signals: [], stopping: StopOptions(sources: [asked]),
            files: run.disk)
        let saves = try run.checkpoint(CheckpointConfig(saveCheckpointSteps: 3, keepCheckpointMax: 2))
        var resumed: String?
        let asks = Actor(.trainStepEnd) { context in
            resumed = context.resumed?.name
            if stopping, context.position.step == 5 { asked.ask() }
        }
        let all: [Callback] = [exit, saves, asks]
        let model = try run.train(order.map { all[$0] })
        return (model.network.parameters.map { $0.tensor.elements(of: Float.self) }, resumed)
    }

    @Test(arguments: orders)
    func carriesOnFromTheNewestSetWhateverTheOrder(order: [Int]) throws {
        let undisturbed = try train(SavingRun(), [0, 1, 2], stopping: false)
        let run = SavingRun()
        _ = try train(run, order, stopping: true)
        let rest = try train(run, order.reversed(), stopping: false)
        #expect(rest.resumed == "Net_train")
        #expect(rest.weights == undisturbed.weights)
        #expect(try run.sets().suffix(2) == ["CKP-3_1", "CKP-3_4"])
    }

    /// What a callback sees in its first hook is the run as it carries on.
    @Test(arguments: [true, false])
    func theFirstHookKnowsWhereTheRunCarriesOn(isFirst: Bool) throws {
        let run = SavingRun()
        _ = try train(run, [0, 1, 2], stopping: true)
        let exit = try OnRequestExit(saveMindIR: false, directory: output.string, signals: [], files: run.disk)
        var step: Int?
        let looks = Actor(.trainBegin) { step = $0.position.step }
        try run.train(isFirst ? [looks, exit] : [exit, looks])
        #expect(step == 5)
    }
}
