import Graphs
import Networks
import Tensors
import Testing

/// Mistakes in building a network end the program with a sentence that names the layer, in release builds too, where a
/// trap would say nothing.
@Suite struct NetworkMistakeTests {
    @Test func layersThatDoNotFitAreNamed() async {
        let result = await #expect(processExitsWith: .exitCode(78), observing: [\.standardErrorContent]) {
            _ = Tower()(Trace().input("x", TensorType([4, 3])))
        }
        expect(
            result,
            says:
                "error: layers.1 (Dense) of Tower: matrixMultiply(transposeA: false, transposeB: true) needs two matrices "
                + "that fit, not Float32[4, 5], Float32[2, 6]")
    }

    @Test func labelBeyondTheClassesIsNamed() async {
        let result = await #expect(processExitsWith: .exitCode(78), observing: [\.standardErrorContent]) {
            let inputs = [Tensor(zeros: [2, 3]), Tensor([1, 3] as [Int32], shape: [2])]
            _ = try evaluated(inputs) { CrossEntropyLoss().construct($0[0], $0[1]) }
        }
        expect(result, says: "error: the label 3 is none of 3 classes, 0 to 2")
    }

    @Test func settingsThatNoOptimizerTakesAreNamed() async {
        let beta = await #expect(processExitsWith: .exitCode(78), observing: [\.standardErrorContent]) {
            _ = AdaFactor(Dense(1, 1).parameters, beta1: 1.5)
        }
        expect(beta, says: "error: beta1 is from 0 to below 1, not 1.5")
        let decay = await #expect(processExitsWith: .exitCode(78), observing: [\.standardErrorContent]) {
            _ = Momentum(Dense(1, 1).parameters, learningRate: 0.1, momentum: 0.9, weightDecay: -0.1)
        }
        expect(decay, says: "error: weightDecay is a finite number from 0 on, not -0.1")
    }

    @Test func shapeWithoutTheDimensionIsNamed() async {
        let result = await #expect(processExitsWith: .exitCode(78), observing: [\.standardErrorContent]) {
            _ = Shape([2, 3])[2]
        }
        expect(result, says: "error: a shape [2, 3] has no dimension 2")
    }

    @Test func convolutionThatStandsStillIsNamed() async {
        let result = await #expect(processExitsWith: .exitCode(78), observing: [\.standardErrorContent]) {
            let network = SequentialCell(Conv2d(1, 1, kernelSize: 3, stride: 0))
            _ = network(Trace().input("x", TensorType([1, 1, 8, 8])))
        }
        expect(result, says: "error: 0 (Conv2d) of SequentialCell: a window moves by strides from 1")
    }

    @Test func paddingThatDoesNothingIsNamed() async {
        let result = await #expect(processExitsWith: .exitCode(78), observing: [\.standardErrorContent]) {
            _ = Conv2d(1, 1, kernelSize: 3, padding: 1)
        }
        expect(result, says: "error: Conv2d: padding is 1 and padMode .same; only .pad takes a padding")
    }

    @Test func groupsThatDoNotDivideTheChannelsAreNamed() async {
        let result = await #expect(processExitsWith: .exitCode(78), observing: [\.standardErrorContent]) {
            _ = Conv2d(4, 6, kernelSize: 3, group: 3)
        }
        expect(result, says: "error: Conv2d: 3 groups cannot share 4 channels in and 6 out")
    }

    @Test func imagesOfOtherDimensionsAreRefusedByBatchNorm2d() async {
        let result = await #expect(processExitsWith: .exitCode(78), observing: [\.standardErrorContent]) {
            _ = BatchNorm2d(3)(Trace().input("x", TensorType([2, 3])))
        }
        expect(result, says: "error: BatchNorm2d needs a value of 4 dimensions, not Float32[2, 3]")
    }

    @Test func gatesWithoutACellAreNamed() async {
        let result = await #expect(processExitsWith: .exitCode(78), observing: [\.standardErrorContent]) {
            _ = GatedRecurrentLayer(3, 4)
        }
        expect(result, says: "error: a GatedRecurrentLayer has no cell of its own; make a GRU or an LSTM")
    }

    @Test func sequencesOfOtherWidthsAreRefusedByLSTM() async {
        let result = await #expect(processExitsWith: .exitCode(78), observing: [\.standardErrorContent]) {
            _ = LSTM(3, 4, batchFirst: true)(Trace().input("x", TensorType([2, 5, 6])))
        }
        expect(result, says: "error: LSTM needs [batch, length, 3], not Float32[2, 5, 6]")
    }

    @Test func statesThatDoNotFitAreRefused() async {
        let result = await #expect(processExitsWith: .exitCode(78), observing: [\.standardErrorContent]) {
            let trace = Trace()
            let x = trace.input("x", TensorType([5, 2, 3]))
            _ = GRU(3, 4, bidirectional: true)(x, hx: trace.input("hx", TensorType([1, 2, 4])))
        }
        expect(
            result,
            says:
                "error: GRU begins with states [layers · directions, batch, hidden], here [2, 2, 4], not Float32[1, 2, 4]"
        )
    }

    @Test func lengthsBeyondTheStepsAreRefused() async {
        let result = await #expect(processExitsWith: .exitCode(78), observing: [\.standardErrorContent]) {
            let layer = LSTM(1, 1)
            for parameter in layer.parameters { parameter.initialize(seed: 1) }
            let inputs = [Tensor(zeros: [2, 1, 1]), Tensor([3] as [Int32], shape: [1])]
            _ = try evaluated(inputs) { layer($0[0], hx: nil, seqLength: $0[1]).output }
        }
        expect(result, says: "error: the length 3 of a sequence is not from 0 to 2, its steps")
    }

    @Test func optimizerWithoutParametersIsRefused() async {
        let result = await #expect(processExitsWith: .exitCode(78), observing: [\.standardErrorContent]) {
            _ = Momentum(Unmade().trainableParameters, learningRate: 0.1, momentum: 0.9)
        }
        expect(result, says: "error: Momentum has no parameters to change")
    }

    @Test func parametersOfOneNameAreRefused() async {
        let result = await #expect(processExitsWith: .exitCode(78), observing: [\.standardErrorContent]) {
            _ = SGD(SameName().trainableParameters, learningRate: 0.1)
        }
        expect(result, says: "error: two parameters are called dense.weight")
    }

    @Test func optimizerThatDoesNotUpdateIsNamed() async {
        let result = await #expect(processExitsWith: .exitCode(78), observing: [\.standardErrorContent]) {
            let dense = Dense(1, 1)
            Idle(dense.parameters, schedule: 0.1).update(0, gradient: Trace().input("g", TensorType([1, 1])))
        }
        expect(result, says: "error: Idle does not say how it updates a parameter")
    }

    @Test func layerOfNothingIsRefused() async {
        let result = await #expect(processExitsWith: .exitCode(78), observing: [\.standardErrorContent]) {
            _ = Dense(0, 3)
        }
        expect(result, says: "error: a layer has at least 1 input, not 0")
    }

    @Test func layerOfSeveralInputsIsNamedByItsProperty() async {
        let result = await #expect(processExitsWith: .exitCode(78), observing: [\.standardErrorContent]) {
            _ = Pairing()(Trace().input("x", TensorType([4, 3])))
        }
        expect(result, says: "error: match.right (Dense) of Pairing: matrixMultiply")
    }

    private func expect(_ result: ExitTest.Result?, says sentence: String) {
        let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(text.hasPrefix(sentence) && text.last == "\n", "\(text)")
    }
}

private final class Tower: Cell {
    let layers = [Dense(3, 5), Dense(6, 2)]
    func construct(_ x: Symbol) -> Symbol { layers.reduce(x) { $1($0) } }
}

private final class Unmade: Cell {
    lazy var head = Dense(1, 1)
    func construct(_ x: Symbol) -> Symbol { head(x) }
}

private class Plain: Cell {
    private let dense = Dense(1, 1, hasBias: false)
    func construct(_ x: Symbol) -> Symbol { dense(x) }
}

private final class SameName: Plain {
    private let dense = Dense(1, 1, hasBias: false)
    override func construct(_ x: Symbol) -> Symbol { dense(super.construct(x)) }
}

private final class Idle: Optimizer {}

private final class Match: MultiInputCell {
    let left = Dense(3, 2)
    let right = Dense(4, 2)
    func construct(_ inputs: [Symbol]) -> Symbol { left(inputs[0]) + right(inputs[1]) }
}

private final class Pairing: Cell {
    let match = Match()
    func construct(_ x: Symbol) -> Symbol { match([x, x]) }
}
