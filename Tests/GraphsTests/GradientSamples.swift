import Tensors

@testable import Execution
@testable import Graphs
@testable import LayerOperations

/// How the gradients of an operation are checked.
enum GradientCheck {
    /// Against central differences, on each of these.
    case samples([Sample])

    /// Not at all.
    case none(because: String)
}

/// An operation and what it is applied to.
struct Sample {
    let operation: any Operation
    let inputs: [SampleInput]

    init(_ operation: some Operation, _ inputs: SampleInput...) { self.init(operation, inputs) }

    init(_ operation: some Operation, _ inputs: [SampleInput]) {
        self.operation = operation
        self.inputs = inputs
    }
}

/// The samples of each operation, by its name; nil for one that has no line here: a usual shape, an odd one with more elements than the widest vector, and settings.
func gradientCheck(of name: String) -> GradientCheck? {
    switch name {
    case "input", "parameter", "constant": .none(because: "it has no inputs")
    case "isAtLeast": .none(because: "it is constant but for jumps")
    case "reluGradient", "softmaxGradient", "convolutionWeightGradient", "maxPoolGradient", "layerNormGradient",
        "geluGradient", "scatterRows", "attentionGradient":
        .none(because: "it stands in the backward pass; the rule that writes it is checked")
    case "sgdUpdate", "momentumUpdate", "adamWUpdate", "accumulate", "assign", "reduceScatter", "allGather":
        .none(because: "it stands behind the backward pass")
    case "allReduce", "replicate": .none(because: "its gradient is another rank's too; see TransformerTests")
    case "rowMaximum", "logitSums", "shardCrossEntropy":
        .none(because: "they have a gradient only together; see TransformerTests")
    case "dropout": .none(because: "what it drops has no plain loop; see TransformerTests")

    case "negate": unary(.negate)
    case "exp": unary(.exp)
    case "log": unary(.log, in: 0.2..<3)
    case "sqrt": unary(.sqrt, in: 0.2..<3)
    case "square": unary(.square)
    case "reciprocal": unary(.reciprocal, in: 0.4..<3)
    case "tanh": unary(.tanh)
    case "sigmoid": unary(.sigmoid)
    case "relu": .samples([Sample(.relu, .spaced([2, 3])), Sample(.relu, .spaced([5, 1, 7]))])
    case "scale": unary(.scale(-1.75))
    case "shift": unary(.shift(0.625))

    case "add": binary(.add)
    case "subtract": binary(.subtract)
    case "multiply": binary(.multiply)
    case "divide": binary(.divide, second: 0.5..<2)
    case "maximum": .samples([Sample(.maximum, .spaced([2, 3]), .spaced([2, 3])), wideAndSpaced(.maximum)])
    case "minimum": .samples([Sample(.minimum, .spaced([2, 3]), .spaced([2, 3])), wideAndSpaced(.minimum)])

    case "reshape":
        .samples([Sample(.reshape([3, 2]), .uniform([2, 3])), Sample(.reshape([35]), .uniform([5, 1, 7]))])
    case "transpose": transposes
    case "addBias": biases
    case "sumToAxis": .samples([0, 1, 2].map { Sample(.sumToAxis($0), .uniform([3, 5, 7])) })
    case "sum": unary(.sum)
    case "sumOfSquares": unary(.sumOfSquares)
    case "gelu": unary(.gelu)
    case "layerNorm":
        .samples(
            [[1, 5], [3, 4], [5, 19]].map {
                Sample(.layerNorm(epsilon: 0.1), .uniform($0), .uniform([$0[1]]), .uniform([$0[1]]))
            })
    case "gatherRows":
        .samples([
            Sample(.gatherRows(first: 0), .uniform([4, 3]), .numbers([5], below: 4)),
            Sample(.gatherRows(first: 2), .uniform([3, 17]), .numbers([2, 7], below: 8)),
        ])
    case "attention":
        .samples(
            [(heads: 1, size: 2, length: 3), (heads: 2, size: 5, length: 13)].map { heads, size, length in
                Sample(
                    .attention(Attention(heads: heads, length: length)), .uniform([2 * length, 3 * heads * size]),
                    .numbers([2], below: 9))
            })
    case "fill": .samples([Sample(.fill([3, 7]), .uniform(.scalar)), Sample(.fill(.scalar), .uniform(.scalar))])
    case "scaleBy": .samples([Sample(.scaleBy, .uniform([5, 7]), .uniform(.scalar))])
    case "scaleRows":
        .samples([[4], [3, 1], [5, 7], [2, 3, 5]].map { Sample(.scaleRows, .uniform($0), .uniform([$0[0]])) })
    case "sumRows": .samples([[4], [3, 1], [5, 7], [2, 3, 5]].map { Sample(.sumRows, .uniform($0)) })

    case "matrixMultiply": products
    case "convolution": convolutions
    case "maxPool": poolings
    case "softmax": .samples([[1, 1], [2, 3], [5, 19]].map { Sample(.softmax, .uniform($0)) })
    case "sparseCrossEntropy":
        .samples([[1, 2], [4, 3], [7, 19]].map { Sample(.sparseCrossEntropy, .uniform($0), .labels($0)) })
    case "crossEntropy":
        .samples([[1, 2], [4, 3], [7, 19]].map { Sample(.crossEntropy, .uniform($0), .probabilities($0)) })

    default: layerGradientCheck(of: name) ?? gradientCheckOfAnyShape(name)
    }
}

func unary(_ operation: some Operation, in range: Range<Float> = -1.5..<1.5) -> GradientCheck {
    .samples(([.scalar, [2, 3], [5, 1, 7]] as [Shape]).map { Sample(operation, .uniform($0, range)) })
}

private func binary(_ operation: some Operation, second range: Range<Float> = -1.5..<1.5) -> GradientCheck {
    .samples(([.scalar, [2, 3], [5, 1, 7]] as [Shape]).map { Sample(operation, .uniform($0), .uniform($0, range)) })
}

private func wideAndSpaced(_ operation: some Operation) -> Sample {
    Sample(operation, .spaced([5, 7]), .spaced([5, 7]))
}

private var transposes: GradientCheck {
    .samples([
        Sample(.transpose([0]), .uniform([4])),
        Sample(.transpose([1, 0]), .uniform([3, 5])),
        Sample(.transpose([1, 2, 0]), .uniform([2, 3, 5])),
        Sample(.transpose([0, 3, 1, 2]), .uniform([2, 3, 1, 5])),
    ])
}

private var biases: GradientCheck {
    .samples([
        Sample(.addBias(axis: 1), .uniform([3, 5]), .uniform([5])),
        Sample(.addBias(axis: 0), .uniform([3, 5]), .uniform([3])),
        Sample(.addBias(axis: 1), .uniform([2, 3, 5, 7]), .uniform([3])),
        Sample(.addBias(axis: 0), .uniform([4]), .uniform([4])),
    ])
}

private var products: GradientCheck {
    .samples(
        [false, true].flatMap { transposeA in
            [false, true].flatMap { transposeB in
                [(m: 1, k: 1, n: 1), (m: 3, k: 5, n: 2), (m: 2, k: 3, n: 17)].map { m, k, n in
                    Sample(
                        .matrixMultiply(transposeA: transposeA, transposeB: transposeB),
                        .uniform(transposeA ? [k, m] : [m, k]), .uniform(transposeB ? [n, k] : [k, n]))
                }
            }
        })
}

private var convolutions: GradientCheck {
    .samples([
        Sample(.convolution(Convolution()), .uniform([2, 2, 5, 4]), .uniform([3, 2, 3, 2])),
        Sample(.convolution(Convolution(stride: [2, 1])), .uniform([1, 1, 7, 5]), .uniform([2, 1, 3, 3])),
        Sample(.convolution(Convolution(padding: [1, 0, 2, 1])), .uniform([2, 2, 4, 3]), .uniform([3, 2, 3, 3])),
        Sample(.convolution(Convolution(dilation: [2, 3])), .uniform([1, 2, 7, 8]), .uniform([2, 2, 2, 3])),
        Sample(
            .convolution(Convolution(stride: [2, 3], padding: [2, 1, 1, 2], dilation: [2, 1])), .uniform([2, 2, 6, 7]),
            .uniform([3, 2, 3, 2])),
        Sample(
            .convolution(Convolution(padding: [1, 1, 1, 1], group: 2)), .uniform([2, 4, 5, 4]), .uniform([6, 2, 3, 3])),
        // One channel a group: depthwise.
        Sample(.convolution(Convolution(stride: [2, 1], group: 3)), .uniform([2, 3, 6, 5]), .uniform([3, 1, 3, 2])),
    ])
}

private var poolings: GradientCheck {
    .samples([
        Sample(.maxPool(Pooling(kernel: [2, 2], stride: [2, 2])), .spaced([2, 3, 4, 6])),
        Sample(.maxPool(Pooling(kernel: [3, 2], stride: [1, 2])), .spaced([1, 2, 7, 5])),
        Sample(.maxPool(Pooling(kernel: [3, 3], stride: [2, 2], padding: [1, 1, 1, 1])), .spaced([2, 1, 5, 7])),
    ])
}
