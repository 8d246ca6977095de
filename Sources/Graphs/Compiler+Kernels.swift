import Kernels
import Memory
import Tensors

extension Compiler {
    /// The table of kernels: what runs for a node. Sizes are worked out here, once, not in the step.
    func kernel(of node: Node, operands: Operands) -> () -> Void {
        switch node.operation {
        case .negate: unary(operands) { Kernels.negate($0, into: &$1) }
        case .exp: unary(operands) { Kernels.exp($0, into: &$1) }
        case .log: unary(operands) { Kernels.log($0, into: &$1) }
        case .sqrt: unary(operands) { Kernels.sqrt($0, into: &$1) }
        case .square: unary(operands) { Kernels.square($0, into: &$1) }
        case .reciprocal: unary(operands) { Kernels.reciprocal($0, into: &$1) }
        case .tanh: unary(operands) { Kernels.tanh($0, into: &$1) }
        case .sigmoid: unary(operands) { Kernels.sigmoid($0, into: &$1) }
        case .relu: unary(operands) { Kernels.relu($0, into: &$1) }
        case .scale(let factor): unary(operands) { Kernels.scale($0, by: factor, into: &$1) }
        case .shift(let number): unary(operands) { Kernels.addScalar($0, number, into: &$1) }

        case .add: binary(operands) { [pool] in Kernels.add($0, $1, into: &$2, pool: pool) }
        case .subtract: binary(operands) { Kernels.subtract($0, $1, into: &$2) }
        case .multiply: binary(operands) { Kernels.multiply($0, $1, into: &$2) }
        case .divide: binary(operands) { Kernels.divide($0, $1, into: &$2) }
        case .maximum: binary(operands) { Kernels.maximum($0, $1, into: &$2) }
        case .minimum: binary(operands) { Kernels.minimum($0, $1, into: &$2) }
        case .isAtLeast: binary(operands) { Kernels.isAtLeast($0, $1, into: &$2) }
        case .reluGradient: binary(operands) { Kernels.reluGradient($0, output: $1, into: &$2) }

        case .transpose(let order): transpose(operands, order)
        case .addBias(let axis): addBias(operands, View(operands.shape, axis: axis))
        case .sumToAxis(let axis): sumToAxis(operands, View(operands.shape, axis: axis))
        case .sumOfSquares: unary(operands) { $1[0] = Kernels.sumOfSquares(of: $0) }
        case .sum: unary(operands) { $1[0] = Kernels.sum(of: $0) }
        case .fill: unary(operands) { Kernels.fill(&$1, with: $0[0]) }
        case .scaleBy: binary(operands) { Kernels.scale($0, by: $1[0], into: &$2) }
        case .scaleRows: rowwise(operands) { Kernels.scaleRows($0, by: $1, into: &$2, rows: $3, columns: $4) }
        case .sumRows: sumRows(operands)

        case .matrixMultiply(let transposeA, let transposeB): matrixMultiply(operands, transposeA, transposeB)
        case .convolution, .convolutionInputGradient, .convolutionWeightGradient: convolution(node, operands)
        case .maxPool, .maxPoolGradient: pooling(node, operands)
        case .softmax: softmax(operands)
        case .softmaxGradient: softmaxGradient(operands)
        case .sparseCrossEntropy: sparseCrossEntropy(operands)
        case .crossEntropy: crossEntropy(operands)

        case .sgdUpdate(let settings): sgdUpdate(operands, settings)
        case .momentumUpdate(let momentum, let weightDecay, let nesterov):
            momentumUpdate(operands, momentum, weightDecay, nesterov)

        case .adamWUpdate(let settings): adamWUpdate(operands, settings)
        case .accumulate: accumulate(operands)

        case .layerNorm, .layerNormGradient, .gelu, .geluGradient, .gatherRows, .scatterRows, .dropout, .rowMaximum,
            .logitSums, .shardCrossEntropy, .attention, .attentionGradient:
            transformerKernel(of: node, operands: operands)

        case .input, .parameter, .constant, .reshape, .replicate, .allReduce, .reduceScatter, .allGather:
            fatalError("\(node.operation) has no kernel")
        }
    }
}

/// A shape as [outer, axis, inner] around one axis.
struct View {
    let outer: Int
    let axis: Int
    let inner: Int

    init(_ shape: Shape, axis: Int) {
        outer = shape.dimensions[..<axis].reduce(1, *)
        self.axis = shape[axis]
        inner = shape.dimensions[(axis + 1)...].reduce(1, *)
    }
}
