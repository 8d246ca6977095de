import Tensors

extension Operation {
    /// The types of the results for inputs of these types.
    ///
    /// - Throws: ``Misfit`` where the inputs are not what the operation takes.
    func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] {
        let x = inputs.first?.shape ?? .scalar
        try checkInputs(inputs)
        switch self {
        case .input: fatalError("an input's type is given where it is made")
        case .parameter(let parameter): return [parameter.type]
        case .constant(let tensor): return [TensorType(tensor.shape, tensor.elementType)]
        case .negate, .exp, .log, .sqrt, .square, .reciprocal, .tanh, .sigmoid, .relu, .scale, .shift, .softmax,
            .gelu, .dropout, .replicate:
            return [TensorType(x)]
        case .add, .subtract, .multiply, .divide, .maximum, .minimum, .reluGradient, .isAtLeast, .softmaxGradient,
            .geluGradient:
            try demand(inputs[0] == inputs[1], "\(self) needs two values of one shape, not", inputs)
            return [TensorType(x)]
        case .reshape(let shape):
            try demand(shape.elementCount == x.elementCount, "\(self) cannot hold", inputs)
            return [TensorType(shape, inputs[0].elementType)]
        case .transpose(let order):
            try demand(order.sorted() == Array(0..<x.rank), "\(self) is no order of the dimensions of", inputs)
            return [TensorType(Shape(order.map { x[$0] }))]
        case .addBias(let axis):
            try demand(
                inputs[1].shape == [x[axis]], "\(self) needs one number for each element of the axis, not", inputs)
            return [TensorType(x)]
        case .sumToAxis(let axis): return [TensorType([x[axis]])]
        case .sum, .sumOfSquares: return [TensorType(.scalar)]
        case .fill(let shape):
            try demand(x == .scalar, "\(self) repeats a scalar, not", inputs)
            return [TensorType(shape)]
        case .scaleBy:
            try demand(inputs[1].shape == .scalar, "\(self) needs a scalar second, not", inputs)
            return [TensorType(x)]
        case .scaleRows:
            try demand(inputs[1].shape == [x[0]], "\(self) needs one factor a row, not", inputs)
            return [TensorType(x)]
        case .sumRows: return [TensorType([x[0]])]
        case .matrixMultiply(let transposeA, let transposeB):
            return [TensorType(try productShape(inputs, transposeA, transposeB))]
        case .convolution(let convolution):
            return [TensorType(try convolution.outputShape(input: x, weight: inputs[1].shape))]
        case .convolutionInputGradient(_, let shape), .convolutionWeightGradient(_, let shape),
            .maxPoolGradient(_, let shape):
            return [TensorType(shape)]
        case .maxPool(let pooling):
            let shape = try pooling.outputShape(input: x)
            return [TensorType(shape), TensorType(shape, .int32)]
        case .sparseCrossEntropy:
            try demand(inputs[1] == TensorType([x[0]], .int32), "\(self) needs one int32 label a row, not", inputs)
            return [TensorType([x[0]]), TensorType(x)]
        case .crossEntropy:
            try demand(inputs[0] == inputs[1], "\(self) needs a probability for each logit, not", inputs)
            return [TensorType([x[0]]), TensorType(x)]
        case .layerNorm, .layerNormGradient, .gatherRows, .scatterRows, .attention, .attentionGradient, .rowMaximum,
            .logitSums, .shardCrossEntropy:
            return try transformerTypes(of: inputs)
        case .allReduce: return inputs
        case .reduceScatter(_, let parts):
            try demand(x.rank > 0 && x[0] % parts == 0, "\(self) cannot divide", inputs)
            return [TensorType(Shape([x[0] / parts] + x.dimensions.dropFirst()))]
        case .accumulate, .allGather: return []
        case .adamWUpdate:
            try demand(
                inputs[..<4].allSatisfy { $0 == inputs[0] }, "\(self) needs four values of one shape, not", inputs)
            return []
        case .sgdUpdate, .momentumUpdate:
            try demand(
                inputs.dropLast().allSatisfy { $0 == inputs[0] } && inputs[inputs.count - 1].shape == .scalar,
                "\(self) needs values of one shape and a scalar learning rate, not", inputs)
            return []
        }
    }

    /// What must hold before shapes can be compared.
    private func checkInputs(_ inputs: [TensorType]) throws(Misfit) {
        if case .reshape = self { return }
        for (index, input) in inputs.enumerated() {
            let wanted: ElementType = integerInput == index ? .int32 : .float32
            try demand(input.elementType == wanted, "\(self) needs \(wanted) as input \(index), not", inputs)
        }
        let rank = inputs.first?.shape.rank ?? 0
        switch self {
        case .softmax, .softmaxGradient, .sparseCrossEntropy, .crossEntropy, .layerNorm, .gatherRows, .attention,
            .dropout, .rowMaximum, .logitSums, .shardCrossEntropy:
            try demand(rank == 2, "\(self) needs a matrix, not", inputs)
        case .scaleRows, .sumRows: try demand(rank >= 1, "\(self) needs rows, not", inputs)
        case .addBias(let axis), .sumToAxis(let axis):
            try demand((0..<rank).contains(axis), "\(self) finds no such dimension in", inputs)
        default: break
        }
    }

    /// The input that holds labels, indices or counts; nil if all are numbers.
    private var integerInput: Int? {
        switch self {
        case .maxPoolGradient, .sparseCrossEntropy, .gatherRows, .scatterRows, .attention, .dropout, .logitSums,
            .shardCrossEntropy:
            1
        case .attentionGradient: 4
        case .adamWUpdate: 6
        default: nil
        }
    }

    private func productShape(_ inputs: [TensorType], _ transposeA: Bool, _ transposeB: Bool) throws(Misfit) -> Shape {
        let a = inputs[0].shape
        let b = inputs[1].shape
        try demand(
            a.rank == 2 && b.rank == 2 && a[transposeA ? 0 : 1] == b[transposeB ? 1 : 0],
            "\(self) needs two matrices that fit, not", inputs)
        return [a[transposeA ? 1 : 0], b[transposeB ? 0 : 1]]
    }
}

/// Why an operation cannot be applied: one sentence with the operation and what it was given.
struct Misfit: Error {
    let sentence: String
}

private func demand(
    _ condition: Bool, _ sentence: @autoclosure () -> String, _ inputs: [TensorType]
) throws(Misfit) {
    try demand(condition, "\(sentence()) \(inputs.map(\.description).joined(separator: ", "))")
}

func demand(_ condition: Bool, _ sentence: @autoclosure () -> String) throws(Misfit) {
    if !condition { throw Misfit(sentence: sentence()) }
}

extension Convolution {
    /// [N, O, H', W'] for an input [N, C, H, W] and a weight [O, C, h, w].
    func outputShape(input: Shape, weight: Shape) throws(Misfit) -> Shape {
        try demand(
            input.rank == 4 && weight.rank == 4 && input[1] == weight[1],
            "a convolution needs [N, C, H, W] and [O, C, h, w], not \(input) and \(weight)")
        try checkWindow(stride: stride, dilation: dilation, padding: padding)
        let size = try (0..<2).map { axis throws(Misfit) in
            try windowCount(
                input[2 + axis] + padding[2 * axis] + padding[2 * axis + 1],
                window: dilation[axis] * (weight[2 + axis] - 1) + 1, stride: stride[axis])
        }
        return [input[0], weight[0], size[0], size[1]]
    }
}

extension Pooling {
    /// [N, C, H', W'] for an input [N, C, H, W].
    func outputShape(input: Shape) throws(Misfit) -> Shape {
        try demand(input.rank == 4, "a pooling needs [N, C, H, W], not \(input)")
        try checkWindow(stride: stride, dilation: kernel, padding: padding)
        let size = try (0..<2).map { axis throws(Misfit) in
            try windowCount(
                input[2 + axis] + padding[2 * axis] + padding[2 * axis + 1], window: kernel[axis],
                stride: stride[axis])
        }
        return [input[0], input[1], size[0], size[1]]
    }
}

private func checkWindow(stride: [Int], dilation: [Int], padding: [Int]) throws(Misfit) {
    let isPositive = (stride + dilation).allSatisfy { $0 > 0 } && padding.allSatisfy { $0 >= 0 }
    try demand(
        isPositive && stride.count == 2 && dilation.count == 2 && padding.count == 4,
        "a window moves by strides from 1 with 4 paddings from 0, not by \(stride) with \(padding); its size or dilation "
            + "\(dilation) begins with 1")
}

/// How many windows fit, the first at 0 and each `stride` after the last.
private func windowCount(_ size: Int, window: Int, stride: Int) throws(Misfit) -> Int {
    try demand(window <= size, "a window of \(window) does not fit into \(size) places")
    return (size - window) / stride + 1
}
