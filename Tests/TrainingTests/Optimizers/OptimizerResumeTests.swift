import CheckpointsTestKit
import Collectives
import CollectivesTestKit
import Datasets
import Execution
import Graphs
import Models
import Networks
import Runs
import SystemPackage
import Tensors
import Testing
import Training

/// A run that stops after an epoch and carries on ends with the bits of one that did not stop, whatever the optimizer keeps.
@Suite struct OptimizerResumeTests {
    static let names = ["adam", "lamb", "lion", "adagrad", "rmsprop", "adafactor", "groups", "averages"]

    @Test(arguments: names) func carryingOnGivesTheSameBits(name: String) throws {
        let (stopped, straight) = (MemoryFileSystem(), MemoryFileSystem())
        try train(1, name, on: stopped)
        let resumed = try train(3, name, on: stopped)
        let expected = try train(3, name, on: straight)
        #expect(values(resumed.0.parameters) == values(expected.0.parameters))
        #expect(values(resumed.1.state) == values(expected.1.state))
        #expect(resumed.1.globalStep.tensor.elements(of: Int32.self) == [12])
    }

    @Test(arguments: names) func ranksAgree(name: String) throws {
        let disk = MemoryFileSystem()
        let ranks = try ThreadWorld.run(ranks: 2) { world in
            values(try train(1, name, on: disk, in: world).0.parameters)
        }
        #expect(ranks[0] == ranks[1])
    }

    private func values(_ parameters: [Parameter]) -> [[Float]] {
        parameters.filter { $0.type.elementType == .float32 }.map { $0.tensor.elements(of: Float.self) }
    }

    @discardableResult
    private func train(
        _ epochs: Int, _ name: String, on disk: MemoryFileSystem, in world: any Communicator = SoloCommunicator()
    ) throws -> (network: MLP, optimizer: Optimizer) {
        let network = MLP([2, 3, 2])
        let optimizer = optimizer(name, network.parameters)
        let model = Model(
            network, lossFn: L1Loss(), optimizer: optimizer, world: world, backend: CPUBackend(), seed: 1,
            settings: TrainingSettings(placement: .replicated(rank: world.rank, of: world.size)))
        let exit = try OnRequestExit(
            saveMindIR: false, directory: output.string, signals: [], savesCompleted: true, files: disk)
        try model.train(epochs, smallLoader(steps: 4, batchSize: 4), callbacks: exit)
        return (network, optimizer)
    }

    private func optimizer(_ name: String, _ parameters: [Parameter]) -> Optimizer {
        switch name {
        case "adam": Adam(parameters, learningRate: 0.01, weightDecay: 0.1)
        case "lamb": Lamb(parameters, learningRate: 0.01)
        case "lion": Lion(parameters, learningRate: 0.01)
        case "adagrad": Adagrad(parameters, learningRate: 0.01)
        case "rmsprop": RMSProp(parameters, learningRate: 0.01, momentum: 0.9, centered: true)
        case "adafactor": AdaFactor(parameters)
        case "groups":
            GroupedOptimizer([
                SGD(Array(parameters.prefix(2)), learningRate: 0.1, momentum: 0.9),
                AdamW(Array(parameters.suffix(2)), learningRate: .cosine(from: 0.1, over: 12)),
            ])
        default: AveragedOptimizer(Adam(parameters, learningRate: 0.01), decay: 0.9)
        }
    }
}
