import Graphs
import Kernels
import Memory
import Tensors

/// The cross-entropy of each row of logits with a class number, and its gradient by the logits.
struct SparseCrossEntropy: Operation {
    var inputCount: Int? { 2 }

    func elementType(ofInput index: Int) -> ElementType? { index == 1 ? .int32 : .float32 }

    func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] {
        try demandMatrix(inputs)
        let x = inputs[0].shape
        try demand(inputs[1] == TensorType([x[0]], .int32), "needs one int32 label a row, not", inputs)
        return [TensorType([x[0]]), TensorType(x)]
    }

    func inputGradients(x: [Symbol], y: [Symbol], g: Symbol) -> [Symbol?] { [y[1].scalingRows(by: g), nil] }

    func kernel(_ operands: Operands) -> () -> Void {
        let (rows, classes) = operands.rowsAndColumns
        let (logits, labels) = (operands.input(0), operands.integers(1))
        let (losses, gradient) = (operands.result(0), operands.result(1))
        return {
            var loss = losses.mutableSpan
            var ofLogits = gradient.mutableSpan
            Kernels.sparseCrossEntropy(
                logits.span, labels: labels.span, into: &loss, gradient: &ofLogits, rows: rows, classes: classes)
        }
    }

    /// With rows that have a 1 in the place of their label; with a label below 0, which does not count, rows of zeros.
    func mindSporeForm(_ calls: inout MindSporeCalls) throws(NoMindSporeForm) -> MindSporeValue {
        let (logits, labels) = (calls.x[0], calls.x[1])
        let classes = try calls.known([logits.type.dimensions[1]])[0]
        let rows = calls.call(
            .oneHot, labels, classes, Tensor(scalar: Float(1)), Tensor(scalar: Float(0)), -1,
            giving: MindSporeType([labels.type.dimensions[0], classes]))
        return calls.callForFirst(.softmaxCrossEntropyWithLogits, logits, rows, giving: [calls.type, logits.type])
    }
}

/// The cross-entropy of each row of logits with a row of probabilities, and its gradient by the logits.
struct CrossEntropy: Operation {
    var inputCount: Int? { 2 }

    func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] {
        try demandMatrix(inputs)
        try demand(inputs[0] == inputs[1], "needs a probability for each logit, not", inputs)
        return [TensorType([inputs[0].shape[0]]), inputs[0]]
    }

    func inputGradients(x: [Symbol], y: [Symbol], g: Symbol) -> [Symbol?] { [y[1].scalingRows(by: g), nil] }

    func kernel(_ operands: Operands) -> () -> Void {
        let (rows, classes) = operands.rowsAndColumns
        let (logits, labels) = (operands.input(0), operands.input(1))
        let (losses, gradient) = (operands.result(0), operands.result(1))
        return {
            var loss = losses.mutableSpan
            var ofLogits = gradient.mutableSpan
            Kernels.denseCrossEntropy(
                logits.span, labels: labels.span, into: &loss, gradient: &ofLogits, rows: rows, classes: classes)
        }
    }

    func mindSporeForm(_ calls: inout MindSporeCalls) throws(NoMindSporeForm) -> MindSporeValue {
        let logits = calls.x[0]
        return calls.callForFirst(
            .softmaxCrossEntropyWithLogits, logits, calls.x[1], giving: [calls.type, logits.type])
    }
}

extension Operation where Self == SparseCrossEntropy {
    static var sparseCrossEntropy: Self { Self() }
}

extension Operation where Self == CrossEntropy {
    static var crossEntropy: Self { Self() }
}
