import Collectives
import CollectivesTestKit
import Datasets
import Graphs
import Networks
import Tensors
import Testing
import Training

/// The norm of the gradients and the learning rate, as callbacks read them.
@Suite struct GradientNormTests {
    /// Of SGD, a step changes the parameters by the rate times the gradients.
    @Test func normIsThatOfTheGradientsWithoutClipping() throws {
        let reader = StepReader(isReading: true)
        let network = Dense(2, 2)
        let model = Model(network, lossFn: MSELoss(), optimizer: SGD(network.parameters, learningRate: 0.5))
        let before = network.values
        try model.train(1, smallLoader(steps: 1, batchSize: 4), callbacks: [reader])
        let squares = zip(before, network.values).map { ($0 - $1) * ($0 - $1) / 0.25 }
        let norm = try #require(reader.norms[0])
        #expect(abs(norm - squares.reduce(0, +).squareRoot()) < 1e-5)
        #expect(norm > 1e-3)
    }

    @Test func measuringChangesNoBit() throws {
        #expect(try trained(isReading: true).values == trained(isReading: false).values)
        #expect(try trained(isReading: true).norms.allSatisfy { $0 != nil })
        #expect(try trained(isReading: false).norms.allSatisfy { $0 == nil })
    }

    /// The mean over the samples of all ranks has one norm, however they are divided.
    @Test func normIsTheSameOnAllRanks() throws {
        let alone = try #require(try trained(isReading: true).norms[0])
        let all = try ThreadWorld.run(ranks: 2) { world in try trained(isReading: true, world).norms[0] }
        for norm in all { #expect(abs(try #require(norm) - alone) < 1e-5) }
    }

    /// One model, first without and then with somebody who reads it.
    @Test func laterTrainingMayReadIt() throws {
        let model = smallModel()
        let (deaf, reader) = (StepReader(isReading: false), StepReader(isReading: true))
        try model.train(1, smallLoader(steps: 2), callbacks: [deaf])
        try model.train(1, smallLoader(steps: 2), callbacks: [reader])
        #expect(deaf.norms == [nil, nil])
        #expect(reader.norms.count == 2 && reader.norms.allSatisfy { $0 ?? 0 > 0 })
    }

    @Test func learningRateIsThatOfTheStep() throws {
        let reader = StepReader(isReading: false)
        let model = smallModel(learningRate: LearningRate { 0.1 * Float($0) })
        try model.train(1, smallLoader(steps: 3), callbacks: [reader])
        #expect(reader.rates == [0.1, 0.2, 0.1 * 3])
    }

    private func trained(
        isReading: Bool, _ world: any Communicator = SoloCommunicator()
    ) throws -> (values: [Float], norms: [Float?]) {
        let reader = StepReader(isReading: isReading)
        let model = smallModel(world: world)
        try model.train(2, smallLoader(steps: 3, batchSize: 4), callbacks: [reader])
        return (model.network.values, reader.norms)
    }
}

private final class StepReader: Callback {
    private let isReading: Bool
    private(set) var norms: [Float?] = []
    private(set) var rates: [Float?] = []

    init(isReading: Bool) { self.isReading = isReading }

    override var readsGradientNorm: Bool { isReading }

    override func onTrainStepEnd(_ runContext: RunContext) {
        norms.append(runContext.originalArgs().gradientNorm)
        rates.append(runContext.originalArgs().learningRate)
    }
}

extension Cell {
    fileprivate var values: [Float] { parameters.flatMap { $0.tensor.elements(of: Float.self) } }
}
