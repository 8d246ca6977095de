import Collectives
import Memory
import Tensors

/// The table of gradient rules: for one node, the gradients of its inputs from the gradients of its results.
///
/// `x` are the inputs, `y` the results, `g` the gradient of the first result (the only one that a loss can depend on;
/// further results are by-products). An input without a gradient, such as labels, has nil. Every rule is checked
/// numerically in `GradientRulesTests`, which fails for an operation that is in this table but not in that one.
func inputGradients(of operation: Operation, x: [Symbol], y: [Symbol], g: Symbol) -> [Symbol?] {
    switch operation {
    case .negate: [-g]
    case .exp: [g * y[0]]
    case .log: [g / x[0]]
    case .sqrt: [g / (y[0] * 2)]
    case .square: [g * (x[0] * 2)]
    case .reciprocal: [-(g * y[0].square())]
    case .tanh: [g * (-y[0].square() + 1)]
    case .sigmoid: [g * (y[0] * (-y[0] + 1))]
    case .relu: [g.apply(.reluGradient, y[0])]
    case .scale(let factor): [g * factor]
    case .shift: [g]

    case .add: [g, g]
    case .subtract: [g, -g]
    case .multiply: [g * x[1], g * x[0]]
    case .divide: [g / x[1], -(g * y[0] / x[1])]
    case .maximum: shared(g, firstWhere: x[0].apply(.isAtLeast, x[1]))
    case .minimum: shared(g, firstWhere: x[1].apply(.isAtLeast, x[0]))

    case .reshape: [g.reshaped(to: x[0].shape)]
    case .transpose(let order): [g.transposed(inverse(order))]
    case .addBias(let axis): [g, g.sum(toAxis: axis)]
    case .sum: [g.filling(x[0].shape)]
    case .sumOfSquares: [(x[0] * 2).scaled(by: g)]
    case .fill: [g.sum()]
    case .scaleBy: [g.scaled(by: x[1]), (g * x[0]).sum()]
    case .scaleRows: [g.scalingRows(by: x[1]), (g * x[0]).sumRows()]
    case .sumRows: [ones(like: x[0]).scalingRows(by: g)]
    case .sumToAxis(let axis): [zeros(like: x[0]).addingBias(g, axis: axis)]

    case .matrixMultiply(let transposeA, let transposeB): productGradients(x[0], x[1], transposeA, transposeB, g)
    case .convolution(let convolution):
        [
            x[1].apply(.convolutionInputGradient(convolution, x[0].shape), g),
            x[0].apply(.convolutionWeightGradient(convolution, x[1].shape), g),
        ]
    case .maxPool(let pooling): [g.apply(.maxPoolGradient(pooling, x[0].shape), y[1])]
    case .softmax: [g.apply(.softmaxGradient, y[0])]
    case .sparseCrossEntropy: [y[1].scalingRows(by: g), nil]
    case .crossEntropy: [y[1].scalingRows(by: g), nil]

    case .layerNorm: layerNormGradients(x, y, g)
    case .gelu: [g.apply(.geluGradient, x[0])]
    case .gatherRows(let first): [g.apply(.scatterRows(rows: x[0].shape[0], first: first), x[1]), nil]
    case .attention(let attention):
        [g.apply(.attentionGradient(attention), x[0], y[0], y[1], x[1]), nil]
    case .dropout(let dropout): [g.apply(.dropout(dropout), x[1]), nil]
    case .rowMaximum: [nil]
    case .logitSums: [nil, nil, nil]
    case .shardCrossEntropy: [y[1].scalingRows(by: g), nil, nil, nil, nil]
    // Every rank has the whole gradient of the sum, which is that of each summand.
    case .allReduce(.sum, _): [g]
    case .replicate(let group): [g.apply(.allReduce(.sum, group: group))]

    case .input, .parameter, .constant: []
    case .isAtLeast: [nil, nil]
    case .reluGradient, .softmaxGradient, .convolutionInputGradient, .convolutionWeightGradient, .maxPoolGradient,
        .layerNormGradient, .geluGradient, .scatterRows, .attentionGradient, .allReduce, .reduceScatter, .sgdUpdate,
        .momentumUpdate, .adamWUpdate, .accumulate, .allGather:
        misuse("\(operation) has no gradient: it belongs to the backward pass")
    }
}

private func layerNormGradients(_ x: [Symbol], _ y: [Symbol], _ g: Symbol) -> [Symbol?] {
    g.trace.apply(.layerNormGradient, to: [g, x[0], x[1], y[1], y[2]])
}

/// The gradient goes to the first input where `mask` is 1 and to the second where it is 0.
private func shared(_ g: Symbol, firstWhere mask: Symbol) -> [Symbol?] {
    [g * mask, g * (-mask + 1)]
}

/// For C = op(A)·op(B): dA and dB, each in the layout in which A and B are stored.
private func productGradients(
    _ a: Symbol, _ b: Symbol, _ transposeA: Bool, _ transposeB: Bool, _ g: Symbol
) -> [Symbol?] {
    [
        transposeA
            ? b.matrixMultiplied(by: g, transposeA: transposeB, transposeB: true)
            : g.matrixMultiplied(by: b, transposeB: !transposeB),
        transposeB
            ? g.matrixMultiplied(by: a, transposeA: true, transposeB: transposeA)
            : a.matrixMultiplied(by: g, transposeA: !transposeA),
    ]
}

private func inverse(_ order: [Int]) -> [Int] {
    order.indices.map { axis in order.firstIndex(of: axis) ?? axis }
}

private func ones(like x: Symbol) -> Symbol { x.trace.constant(Tensor(scalar: Float(1))).filling(x.shape) }

private func zeros(like x: Symbol) -> Symbol { x.trace.constant(Tensor(scalar: Float(0))).filling(x.shape) }
