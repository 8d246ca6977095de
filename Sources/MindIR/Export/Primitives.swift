import Graphs
import Tensors

extension GraphBuilder {
    /// The table: for one operation, MindSpore's operators with their arguments in order.
    ///
    /// `x` are the inputs, `y` the type of the first result, the only one that a forward graph uses. Every line is
    /// compared with real MindSpore by `MindSporeRunTests`. Operations without a line, those of the backward pass, the
    /// updates and the collectives, are refused; so will be new ones until they get theirs here.
    mutating func apply(_ operation: Operation, _ x: [Operand], giving y: ExportedType) throws(MindIRError) -> Operand {
        switch operation {
        case .negate: call(.neg, x[0], giving: y)
        case .exp: call(.exp, x[0], giving: y)
        case .log: call(.log, x[0], giving: y)
        case .sqrt: call(.sqrt, x[0], giving: y)
        case .square: call(.square, x[0], giving: y)
        case .reciprocal: call(.reciprocal, x[0], giving: y)
        // MindSpore's own on a CPU is off by up to 1e-4, around 5.
        case .tanh: call(.tanh, x[0], giving: y)
        case .sigmoid: call(.sigmoid, x[0], giving: y)
        case .relu: call(.relu, x[0], giving: y)
        case .gelu: call(.gelu, x[0], giving: y)
        case .scale(let factor): call(.muls, x[0], factor, giving: y)
        case .shift(let number): call(.add, x[0], Tensor(scalar: number), giving: y)

        case .add: call(.add, x[0], x[1], giving: y)
        case .subtract: call(.sub, x[0], x[1], giving: y)
        case .multiply: call(.mul, x[0], x[1], giving: y)
        case .divide: call(.div, x[0], x[1], giving: y)
        case .maximum: call(.maximum, x[0], x[1], giving: y)
        case .minimum: call(.minimum, x[0], x[1], giving: y)
        case .isAtLeast: isAtLeast(x[0], x[1], giving: y)

        case .reshape: call(.reshape, x[0], try openOnce(y.dimensions, operation), giving: y)
        case .transpose(let order): call(.transpose, x[0], order, giving: y)
        case .addBias(let axis): addBias(x[0], x[1], axis: axis)
        case .sumToAxis(let axis): sum(x[0], over: (0..<x[0].type.rank).filter { $0 != axis }, giving: y)
        case .sum: sum(x[0], over: Array(0..<x[0].type.rank), giving: y)
        case .sumOfSquares: sumOfSquares(x[0], giving: y)
        case .sumRows: sum(x[0], over: Array(1..<x[0].type.rank), giving: y)
        case .fill: call(.broadcastTo, x[0], try known(y.dimensions, operation), giving: y)
        case .scaleBy: call(.mul, x[0], x[1], giving: y)
        case .scaleRows: call(.mul, x[0], alongAxis(0, of: x[0].type, x[1]), giving: y)

        case .matrixMultiply(let transposeA, let transposeB):
            call(.matMul, x[0], x[1], transposeA, transposeB, giving: y)
        case .convolution(let settings): try convolution(operation, settings, x[0], x[1], giving: y)
        case .maxPool(let settings): try maxPool(operation, settings, x[0], giving: y)
        case .softmax: call(.softmax, x[0], [-1], giving: y)
        case .sparseCrossEntropy:
            crossEntropy(x[0], try oneHot(operation, x[1], classes: x[0].type.dimensions[1]), giving: y)
        case .crossEntropy: crossEntropy(x[0], x[1], giving: y)

        case .layerNorm(let epsilon): layerNorm(x[0], scale: x[1], shift: x[2], epsilon, giving: y)
        case .gatherRows(let first): try gatherRows(operation, x[0], x[1], first: first, giving: y)
        case .attention(let settings): try attention(operation, settings, x[0], giving: y)

        default: throw refusal(operation, operation.reasonAgainst)
        }
    }

    /// Why an operation cannot be written.
    func refusal(_ operation: Operation, _ reason: String) -> MindIRError {
        .cannotExport(operation: operation.name, scope: scope, reason: reason)
    }
}

extension Operation {
    /// Why it has no line.
    fileprivate var reasonAgainst: String {
        switch self {
        case .dropout: "it drops other elements in each step; trace the graph for inference"
        case .allReduce, .replicate, .reduceScatter, .allGather, .rowMaximum, .logitSums, .shardCrossEntropy:
            "it is a part of what several ranks do together; trace the whole network for one rank"
        default: "MindSpore has no operator for it in a graph that is only run forward"
        }
    }

    /// What it is called, without its settings: "sgdUpdate".
    var name: String { String("\(self)".prefix { $0 != "(" }) }
}
