import Kernels
import LayerKernels
import Tensors

@testable import Graphs
@testable import LayerOperations

/// The samples of operations on values of any shapes, and of activations.
func gradientCheckOfAnyShape(_ name: String) -> GradientCheck? {
    switch name {
    case "argmax": .none(because: "it is constant but for jumps, and gives whole numbers; see AnyShapeTests")
    case "sign": .none(because: "it is constant but for a jump")
    case "scatterAdd", "resizeGradient", "logSoftmaxGradient":
        .none(because: "it stands in the backward pass; the rule that writes it is checked")
    case _ where name.hasSuffix("Gradient"):
        activation(String(name.dropLast("Gradient".count))) == nil ? nil : ofBackwardPass
    case "adamUpdate", "lambUpdate", "lionUpdate", "adagradUpdate", "rmsPropUpdate", "centeredRMSPropUpdate",
        "adafactorUpdate", "averageUpdate":
        .none(because: "it stands behind the backward pass")

    case "broadcastAdd": broadcast(.broadcastAdd)
    case "broadcastSubtract": broadcast(.broadcastSubtract)
    case "broadcastMultiply": broadcast(.broadcastMultiply)
    case "broadcastDivide": broadcast(.broadcastDivide, second: 0.5..<2)
    case "broadcastMaximum": spaced(.broadcastMaximum)
    case "broadcastMinimum": spaced(.broadcastMinimum)
    case "power": broadcast(.power, first: 0.5..<2)
    case "equal": comparison(.equal)
    case "notEqual": comparison(.notEqual)
    case "less": comparison(.less)
    case "lessOrEqual": comparison(.lessOrEqual)
    case "greater": comparison(.greater)
    case "greaterOrEqual": comparison(.greaterOrEqual)
    case "broadcastTo":
        .samples([
            Sample(Expand(shape: [2, 3, 5]), .uniform([3, 1])), Sample(Expand(shape: [4, 19]), .uniform([1, 19])),
            Sample(Expand(shape: [3]), .uniform([1])),
        ])
    case "select":
        .samples([[2, 3], [5, 1, 7]].map { Sample(Select(), .flags($0), .uniform($0), .uniform($0)) })

    case "absolute": .samples([Sample(Unary.absolute, .spaced([2, 3])), Sample(Unary.absolute, .spaced([5, 1, 7]))])
    case "sine": unary(Unary.sine)
    case "cosine": unary(Unary.cosine)
    case "errorFunction": unary(Unary.errorFunction)
    case "reciprocalRoot": unary(Unary.reciprocalRoot, in: 0.4..<3)
    case "clip": .samples([Sample(Clip(lower: -0.2, upper: 0.3), .spaced([5, 1, 7]))])
    case "powerOf":
        .samples([-1, -0.5, 0.5, 2, 2.5, 3].map { Sample(Power(exponent: $0), .uniform([5, 7], 0.4..<2)) })
    default: gradientCheckOfParts(name) ?? activation(name).map(samples)
    }
}

private func gradientCheckOfParts(_ name: String) -> GradientCheck? {
    switch name {
    case "reduceSum": reductions { .reduceSum($0, keepsDimensions: $1) }
    case "reduceMean": reductions { .reduceMean($0, keepsDimensions: $1) }
    case "reduceMaximum": reductions { .reduceMaximum($0, keepsDimensions: $1) }
    case "reduceMinimum": reductions { .reduceMinimum($0, keepsDimensions: $1) }
    case "slice":
        .samples([
            Sample(Cut(starts: [1, 0], sizes: [2, nil], steps: [1, 1]), .uniform([4, 5])),
            Sample(Cut(starts: [0, 1, 2], sizes: [nil, 3, 2], steps: [1, 2, 3]), .uniform([2, 7, 6])),
        ])
    case "pad":
        .samples([
            Sample(Pad(before: [1, 0], after: [0, 2], steps: [1, 1], value: 0.5), .uniform([2, 3])),
            Sample(Pad(before: [0, 1, 0], after: [0, 0, 2], steps: [1, 2, 3], value: 0), .uniform([2, 3, 5])),
        ])
    case "concatenate":
        .samples([
            Sample(Concatenate(axis: 0), .uniform([2, 3]), .uniform([1, 3])),
            Sample(Concatenate(axis: 1), .uniform([2, 3, 5]), .uniform([2, 1, 5]), .uniform([2, 4, 5])),
        ])
    case "gather":
        .samples([
            Sample(Gather(axis: 0), .uniform([4, 3]), .numbers([5], below: 4)),
            Sample(Gather(axis: 1), .uniform([2, 5, 3]), .numbers([2, 3], below: 5)),
            Sample(Gather(axis: 2), .uniform([2, 3, 4]), .numbers(.scalar, below: 4)),
        ])
    case "oneHot":
        .samples([
            Sample(OneHotRows(classes: 3), .labels([4, 5])),
            Sample(OneHotRows(classes: 7), .numbers([2, 3], below: 5)),
        ])
    case "cumulativeSum":
        .samples(
            [(0, false, false), (1, true, false), (2, false, true), (1, true, true)].map { axis, exclusive, reverse in
                Sample(CumulativeSum(axis: axis, exclusive: exclusive, reverse: reverse), .uniform([2, 5, 3]))
            })
    case "batchMatrixMultiply": batchProducts
    case "resize":
        .samples(
            [ResizeAxis.Rule.nearest, .linear, .linearAlignedCorners].flatMap { rule in
                [(2, 3), (7, 9), (1, 5)].map { height, width in
                    Sample(ResizeImages(height: height, width: width, rule: rule), .uniform([2, 1, 4, 5]))
                }
            })
    case "logSoftmax": .samples([[1, 1], [2, 3], [5, 19]].map { Sample(.logSoftmax, .uniform($0)) })
    default: nil
    }
}

private var ofBackwardPass: GradientCheck {
    .none(because: "it stands in the backward pass; the rule that writes it is checked")
}

/// The activations with this name, with several settings.
private func activation(_ name: String) -> [Activation]? {
    let all: [Activation] = [
        .gelu, .silu, .leakyReLU(slope: 0.2), .leakyReLU(slope: 1.5), .elu(alpha: 1), .elu(alpha: 0.5), .softplus,
        .hardSwish, .hardSigmoid, .relu6,
    ]
    let found = all.filter { Activate(activation: $0).name == name }
    return found.isEmpty ? nil : found
}

/// Numbers that reach both corners, and none that lies on one.
private func samples(_ activations: [Activation]) -> GradientCheck {
    .samples(
        activations.flatMap { activation in
            [
                Sample(Activate(activation: activation), .spaced([2, 3])),
                Sample(Activate(activation: activation), .spaced([13, 1, 17])),
            ]
        })
}

private let pairs: [(Shape, Shape)] = [
    ([2, 3], [3]), ([2, 1, 5], [3, 1]), (.scalar, [4]), ([5, 7], [5, 1]), ([3, 19], [3, 19]),
]

/// Those of which both have an even number of elements or both an odd one, so that no two spaced numbers are the same.
private let alikePairs: [(Shape, Shape)] = [
    ([2, 4], [4]), ([2, 1, 4], [2, 1]), ([5, 7], [5, 1]), ([3, 19], [3, 19]),
]

private func broadcast(
    _ operation: Broadcast, first: Range<Float> = -1.5..<1.5, second: Range<Float> = -1.5..<1.5
) -> GradientCheck {
    .samples(pairs.map { Sample(operation, .uniform($0, first), .uniform($1, second)) })
}

private func spaced(_ operation: Broadcast) -> GradientCheck {
    .samples(alikePairs.map { Sample(operation, .spaced($0), .spaced($1)) })
}

private func comparison(_ operation: Broadcast) -> GradientCheck {
    .samples(pairs.map { Sample(operation, .flags($0), .flags($1)) })
}

private func reductions(_ make: ([Int], Bool) -> Reduce) -> GradientCheck {
    .samples(
        [[0], [1], [2], [0, 2], [0, 1, 2], [2, 1]].flatMap { axes in
            [false, true].map { Sample(make(axes, $0), .spaced([2, 5, 3])) }
        })
}

private var batchProducts: GradientCheck {
    .samples(
        [(false, false), (false, true), (true, false), (true, true)].map { transposeA, transposeB in
            Sample(
                BatchMatrixMultiply(transposeA: transposeA, transposeB: transposeB),
                .uniform(transposeA ? [2, 3, 4, 5] : [2, 3, 5, 4]), .uniform(transposeB ? [2, 3, 7, 4] : [2, 3, 4, 7]))
        })
}
