import Datasets
import Graphs
import Networks
import Runs
import Tensors
import Testing
import Training

/// What only shows when a network is trained: parameters that nobody would train, samples that do not fit.
@Suite struct TrainingMistakeTests {
    @Test func cellThatTrainingDoesNotFindIsRefused() async {
        let result = await #expect(processExitsWith: .exitCode(78), observing: [\.standardErrorContent]) {
            try train(HiddenHead(), classes: 2)
        }
        expect(result, says: "error: a cell that is no property (Dense) of HiddenHead uses a parameter Float32[2, 2]")
    }

    @Test func lazyCellThatIsMadeTooLateIsRefused() async {
        let result = await #expect(processExitsWith: .exitCode(78), observing: [\.standardErrorContent]) {
            try train(LateHead(), classes: 2)
        }
        expect(result, says: "error: head (Dense) of LateHead uses a parameter Float32[2, 2]")
    }

    @Test func parameterThatTheLossDoesNotDependOnIsNamed() async {
        let result = await #expect(processExitsWith: .exitCode(78), observing: [\.standardErrorContent]) {
            try train(UnusedHead(), classes: 2)
        }
        expect(result, says: "error: the loss does not depend on unused.weight")
    }

    @Test func labelsOfAnotherShapeAreNamedWithTheLoss() async {
        let result = await #expect(processExitsWith: .exitCode(78), observing: [\.standardErrorContent]) {
            let network = SmallNetwork()
            try fit(network, MSELoss(), ("y", Tensor(zeros: [4, 3])))
        }
        expect(result, says: "error: MSELoss: subtract needs two values of one shape, not Float32[2, 2], Float32[2, 3]")
    }

    @Test func labelBeyondTheClassesIsNamed() async {
        let result = await #expect(processExitsWith: .exitCode(78), observing: [\.standardErrorContent]) {
            try train(SmallNetwork(), classes: 3)
        }
        expect(result, says: "error: row 0 has label 2, but there are 2 classes")
    }

    @Test func samplesOfOneColumnAreRefused() async {
        let result = await #expect(processExitsWith: .exitCode(78), observing: [\.standardErrorContent]) {
            try fit(SmallNetwork(), MSELoss(), nil)
        }
        expect(result, says: "error: a model needs samples of an input and a label, not of 1 columns")
    }

    private func expect(_ result: ExitTest.Result?, says sentence: String) {
        let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(text.contains(sentence), "\(text)")
    }
}

/// Trains a network from 2 numbers to 2 classes; the first label of all is the last of `classes`.
private func train(_ network: any Cell, classes: Int) throws {
    let labels = Tensor([Int32(classes - 1), 0, 1, 0], shape: [4])
    try fit(network, SoftmaxCrossEntropyWithLogits(sparse: true), ("label", labels))
}

private func fit(_ network: any Cell, _ lossFn: any Loss, _ labels: (name: String, tensor: Tensor)?) throws {
    let columns = [(name: "x", tensor: Tensor(zeros: [4, 2]))] + (labels.map { [$0] } ?? [])
    let model = Model(
        network, lossFn: lossFn, optimizer: Momentum(network.trainableParameters, learningRate: 0.1, momentum: 0.9))
    try model.train(1, DataLoader(TensorDataset(columns), batchSize: 2))
}

private final class Box {
    let cell = Dense(2, 2)
}

private final class HiddenHead: Cell {
    let box = Box()
    let dense = Dense(2, 2)
    func construct(_ x: Symbol) -> Symbol { box.cell(dense(x)) }
}

private final class LateHead: Cell {
    let dense = Dense(2, 2)
    lazy var head = Dense(2, 2)
    func construct(_ x: Symbol) -> Symbol { head(dense(x)) }
}

private final class UnusedHead: Cell {
    let dense = Dense(2, 2)
    let unused = Dense(2, 2)
    func construct(_ x: Symbol) -> Symbol { dense(x) }
}
