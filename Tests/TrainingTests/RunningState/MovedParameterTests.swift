import CheckpointsTestKit
import Collectives
import Datasets
import Execution
import Graphs
import Networks
import SystemPackage
import Tensors
import Testing

@testable import Runs
@testable import Training

/// Parameters that layers move: looked at for NaN, compared when a run carries on, saved or refused.
@Suite struct MovedParameterTests {
    @Test(arguments: ["norm.moving_mean", "norm.moving_variance"])
    func aMovingStatisticThatIsNoNumberEndsTheRun(name: String) throws {
        let error = NonFiniteError(finding: "\(name) has elements that are no finite numbers after step 4")
        // In the last step of the epoch; the loss of training does not read it.
        let poison = Actor(.trainStepEnd) { context in
            guard context.originalArgs().curStepNum == 4 else { return }
            let parameter = context.originalArgs().network.parameters.first { $0.name == name }
            parameter?.tensor.fill(with: Float.nan)
        }
        #expect(throws: error) { try model(Normed()).train(2, loader(), callbacks: [poison]) }
    }

    @Test func aMovingStatisticThatIsNoNumberIsNotSaved() throws {
        let run = SavingRun()
        let poison = Actor(.trainStepEnd) { context in
            guard context.originalArgs().curStepNum == 2 else { return }
            let parameter = context.originalArgs().network.parameters.first { $0.name == "norm.moving_mean" }
            parameter?.tensor.fill(with: Float.infinity)
        }
        let config = try CheckpointConfig(saveCheckpointSteps: 1)
        #expect(throws: NonFiniteError.self) {
            try model(Normed()).train(1, loader(), callbacks: [poison, run.checkpoint(config)])
        }
        #expect(try run.sets() == ["CKP-1_1"])
    }

    /// What nobody changes may hold infinities, as a mask does.
    @Test func aTableOfInfinitiesIsNoFinding() throws {
        try model(Masked()).train(1, loader())
    }

    @Test func otherPartsOfAStepAreRefusedWhereTheyMoveSomething() throws {
        let disk = MemoryFileSystem()
        try train(Normed(), epochs: 1, accumulation: 1, on: disk)
        let error = #expect(throws: ResumeError.self) { try train(Normed(), epochs: 2, accumulation: 2, on: disk) }
        guard case .otherSettings(_, let changes) = error else {
            Issue.record("\(error as Any)")
            return
        }
        #expect(changes == [SettingChange(name: "accumulate", saved: "1", now: "2")])
        try train(Normed(), epochs: 2, accumulation: 2, on: disk, allowing: ["accumulate"])
    }

    @Test func otherPartsOfAStepAreTakenWhereTheyMoveNothing() throws {
        let disk = MemoryFileSystem()
        try train(SmallNetwork(), epochs: 1, accumulation: 1, on: disk)
        try train(SmallNetwork(), epochs: 2, accumulation: 2, on: disk)
    }

    @Test func aParameterThatTheNetworkDoesNotHaveIsNotMoved() async {
        let result = await #expect(processExitsWith: .exitCode(78), observing: [\.standardErrorContent]) {
            try model(Hiding()).train(1, loader())
        }
        expect(
            result, says: "error: Hiding changes a parameter Float32[2] that the network does not have, so it would not"
        )
    }

    @Test func whatTheEndChangesIsNamedBefore() async {
        let result = await #expect(processExitsWith: .exitCode(78), observing: [\.standardErrorContent]) {
            try model(HidingAtEnd()).train(1, loader())
        }
        expect(
            result,
            says: "error: HidingAtEnd changes a parameter Float32[2] that `atEnd` was not told of, so it might not be")
    }

    /// As the normalisation of a mean does, whose moments move at the end.
    @Test func anEndWithinAnEndIsWritten() throws {
        let network = NormedAtEnd()
        try model(network).train(1, loader())
        let moments = network.norm.movingMean.tensor.elements(of: Float.self)
        #expect(moments.contains { $0 != 0 }, "\(moments)")
    }

    @Test func aLossHasNoParametersOfItsOwn() async {
        let result = await #expect(processExitsWith: .exitCode(78), observing: [\.standardErrorContent]) {
            try model(SmallNetwork(), WeightedLoss()).train(1, loader())
        }
        expect(result, says: "error: WeightedLoss uses a parameter Float32[2, 2] that the network does not have")
    }

    @Test func evaluationsMoveNothing() async {
        let result = await #expect(processExitsWith: .exitCode(78), observing: [\.standardErrorContent]) {
            _ = try model(Careless()).eval(loader())
        }
        expect(
            result, says: "error: Careless: assign would change mean Float32[2] in each evaluation and prediction too")
    }

    @Test func predictionsMoveNothing() async {
        let result = await #expect(processExitsWith: .exitCode(78), observing: [\.standardErrorContent]) {
            _ = try model(Careless()).predict(Tensor(zeros: [1, 2]))
        }
        expect(
            result, says: "error: Careless: assign would change mean Float32[2] in each evaluation and prediction too")
    }

    private func expect(_ result: ExitTest.Result?, says sentence: String) {
        let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(text.contains(sentence), "\(text)")
    }

    private func train(
        _ network: any Cell, epochs: Int, accumulation: Int, on disk: MemoryFileSystem, allowing: Set<String> = []
    ) throws {
        let exit = try OnRequestExit(
            saveMindIR: false, directory: output.string, signals: [], allowedChanges: allowing, savesCompleted: true,
            files: disk)
        try model(network, accumulation: accumulation).train(epochs, loader(), callbacks: exit)
    }
}

private func loader() throws -> DataLoader { try smallLoader(steps: 4, batchSize: 4) }

private func model(_ network: any Cell, _ lossFn: any Loss = MSELoss(), accumulation: Int = 1) -> Model {
    Model(
        network, lossFn: lossFn, optimizer: Momentum(network.trainableParameters, learningRate: 0.1, momentum: 0.9),
        metrics: ["mae": MAE()], world: SoloCommunicator(), backend: CPUBackend(), seed: 1,
        settings: TrainingSettings(accumulation: accumulation))
}

private final class Normed: Cell {
    let norm = BatchNorm1d(2)
    let dense = Dense(2, 2)

    func construct(_ x: Symbol) -> Symbol { dense(norm(x)) }
}

private final class Masked: Cell {
    let dense = Dense(2, 2)
    let mask = Parameter(name: "mask", value: Tensor([-Float.infinity, -1], shape: [2]))

    func construct(_ x: Symbol) -> Symbol {
        // The largest of this and any number is the number.
        let trace = x.trace
        return dense(x).maximum(trace.constant(Tensor(zeros: x.shape)).addingBias(trace.symbol(for: mask), axis: 1))
    }
}

/// Holds what it moves where nobody finds it.
private final class Hiding: Cell {
    private final class Box {
        let mean = Parameter(name: "mean", value: Tensor(zeros: [2]))
    }

    private let box = Box()
    let dense = Dense(2, 2)

    func construct(_ x: Symbol) -> Symbol {
        if x.trace.isTraining { x.trace.assign(x.sum(toAxis: 1), to: box.mean) }
        return dense(x)
    }
}

/// Names one parameter, and changes another.
private final class HidingAtEnd: Cell {
    private final class Box {
        let mean = Parameter(name: "mean", value: Tensor(zeros: [2]))
    }

    private let box = Box()
    let dense = Dense(2, 2)
    let mean = Parameter(shape: [2], initializer: .zeros, requiresGradient: false)

    func construct(_ x: Symbol) -> Symbol {
        let trace = x.trace
        if trace.isTraining {
            trace.atEnd(withMeansOverRanksOf: [x.sum(toAxis: 1)], changing: [mean]) { [box] means in
                trace.assign(means[0], to: box.mean)
            }
        }
        return dense(x)
    }
}

private final class NormedAtEnd: Cell {
    let dense = Dense(2, 2)
    let norm = BatchNorm1d(2, affine: false)

    func construct(_ x: Symbol) -> Symbol {
        if x.trace.isTraining {
            x.trace.atEnd(
                withMeansOverRanksOf: [x], changing: [norm.movingMean, norm.movingVariance]
            ) { [norm] means in
                _ = norm(means[0])
            }
        }
        return dense(x)
    }
}

/// Forgets to ask whether it is trained.
private final class Careless: Cell {
    let dense = Dense(2, 2)
    let mean = Parameter(shape: [2], initializer: .zeros, requiresGradient: false)

    func construct(_ x: Symbol) -> Symbol {
        x.trace.assign(x.sum(toAxis: 1), to: mean)
        return dense(x)
    }
}

private final class WeightedLoss: Loss {
    let weight = Parameter(name: "weight", shape: [2, 2], initializer: .ones)

    func construct(_ logits: Symbol, _ labels: Symbol) -> Symbol {
        (logits - labels).matrixMultiplied(by: logits.trace.symbol(for: weight)).square().mean()
    }
}
