import Checkpoints
import CheckpointsTestKit
import Collectives
import CollectivesTestKit
import Graphs
import Networks
import Runs
import SystemPackage
import Tensors
import Testing
import Training

/// Networks that are saved instead of the one that is trained (`saved_network`).
struct SavedNetworkTests {
    private let run = SavingRun()

    private func saved(_ name: String, _ file: String = "CKP-3_4.ckpt") throws -> [Float] {
        try CheckpointFormats.open(run.disk.open(output.appending(file))).tensor(name).elements(of: Float.self)
    }

    /// The documentation's own sentence; zeros would be the values of nothing.
    @Test func whatIsNotTrainedIsSavedWithItsFirstValues() throws {
        let named = SmallNetwork()
        try run.train([run.checkpoint(CheckpointConfig(savedNetwork: named))])
        let values = try saved("dense.weight")
        #expect(values.contains { $0 != 0 })
        // They are those that a model of the same seed would begin with.
        let beginning = SmallNetwork()
        _ = Model(beginning, lossFn: MSELoss())
        #expect(values == beginning.dense.weight.tensor.elements(of: Float.self))
    }

    /// One that was loaded or trained before is saved as it is.
    @Test func whatHasValuesKeepsThem() throws {
        let named = try SavingRun().train([]).network
        let before = named.parameters[0].tensor.elements(of: Float.self)
        try run.train([run.checkpoint(CheckpointConfig(savedNetwork: named))])
        #expect(try saved("dense.weight") == before)
    }

    @Test func allRanksSaveTheSameFirstValues() throws {
        let run = run
        _ = try ThreadWorld.run(ranks: 2) { world in
            let config = try CheckpointConfig(integratedSave: false, savedNetwork: SmallNetwork())
            try run.train([run.checkpoint(config)], world: world)
        }
        #expect(try saved("dense.weight", "rank_0/CKP-3_4.ckpt") == saved("dense.weight", "rank_1/CKP-3_4.ckpt"))
    }

    /// As in MindSpore, which names parameters once.
    @Test func aPartOfTheTrainedNetworkIsSavedUnderItsNamesThere() throws {
        let network = SmallNetwork()
        let model = Model(
            network, lossFn: MSELoss(), optimizer: Momentum(network.parameters, learningRate: 0.1, momentum: 0.9))
        let checkpoint = try run.checkpoint(CheckpointConfig(savedNetwork: network.dense))
        try model.train(3, smallLoader(steps: 4, batchSize: 4), callbacks: [checkpoint])
        #expect(try saved("dense.weight") == network.dense.weight.tensor.elements(of: Float.self))
        #expect(network.parameters.map(\.name) == ["dense.weight", "dense.bias"])
    }
}
