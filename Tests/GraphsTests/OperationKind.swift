import Graphs

/// The cases of `Operation` without what they carry.
///
/// `init(of:)` and `gradientCheck(of:)` switch without a default: a new operation does not compile until it has a kind
/// here and samples there, and then the tests run over all kinds.
enum OperationKind: CaseIterable {
    case input, parameter, constant
    case negate, exp, log, sqrt, square, reciprocal, tanh, sigmoid, relu, scale, shift
    case add, subtract, multiply, divide, maximum, minimum, reluGradient, isAtLeast
    case reshape, transpose, addBias, sumToAxis, sum, fill, scaleBy, scaleRows, sumRows
    case matrixMultiply, convolution, convolutionInputGradient, convolutionWeightGradient
    case maxPool, maxPoolGradient, softmax, softmaxGradient, sparseCrossEntropy, crossEntropy
    case sumOfSquares, layerNorm, layerNormGradient, gelu, geluGradient, gatherRows, scatterRows
    case attention, attentionGradient, dropout, rowMaximum, logitSums, shardCrossEntropy
    case allReduce, replicate, reduceScatter, allGather
    case sgdUpdate, momentumUpdate, adamWUpdate, accumulate
}

extension OperationKind {
    init(of operation: Operation) {
        self =
            switch operation {
            case .input: .input
            case .parameter: .parameter
            case .constant: .constant
            case .negate: .negate
            case .exp: .exp
            case .log: .log
            case .sqrt: .sqrt
            case .square: .square
            case .reciprocal: .reciprocal
            case .tanh: .tanh
            case .sigmoid: .sigmoid
            case .relu: .relu
            case .scale: .scale
            case .shift: .shift
            case .add: .add
            case .subtract: .subtract
            case .multiply: .multiply
            case .divide: .divide
            case .maximum: .maximum
            case .minimum: .minimum
            case .reluGradient: .reluGradient
            case .isAtLeast: .isAtLeast
            case .reshape: .reshape
            case .transpose: .transpose
            case .addBias: .addBias
            case .sumToAxis: .sumToAxis
            case .sum: .sum
            case .fill: .fill
            case .scaleBy: .scaleBy
            case .scaleRows: .scaleRows
            case .sumRows: .sumRows
            case .matrixMultiply: .matrixMultiply
            case .convolution: .convolution
            case .convolutionInputGradient: .convolutionInputGradient
            case .convolutionWeightGradient: .convolutionWeightGradient
            case .maxPool: .maxPool
            case .maxPoolGradient: .maxPoolGradient
            case .softmax: .softmax
            case .softmaxGradient: .softmaxGradient
            case .sparseCrossEntropy: .sparseCrossEntropy
            case .crossEntropy: .crossEntropy
            case .sumOfSquares: .sumOfSquares
            case .layerNorm: .layerNorm
            case .layerNormGradient: .layerNormGradient
            case .gelu: .gelu
            case .geluGradient: .geluGradient
            case .gatherRows: .gatherRows
            case .scatterRows: .scatterRows
            case .attention: .attention
            case .attentionGradient: .attentionGradient
            case .dropout: .dropout
            case .rowMaximum: .rowMaximum
            case .logitSums: .logitSums
            case .shardCrossEntropy: .shardCrossEntropy
            case .allReduce: .allReduce
            case .replicate: .replicate
            case .reduceScatter: .reduceScatter
            case .allGather: .allGather
            case .adamWUpdate: .adamWUpdate
            case .accumulate: .accumulate
            case .sgdUpdate: .sgdUpdate
            case .momentumUpdate: .momentumUpdate
            }
    }
}
