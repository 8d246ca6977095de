public import Collectives
public import Tensors

/// What a node does. Shapes are those of `Operation+Types.swift`; gradients stand in `GradientRules.swift`; kernels in
/// `Compiler+Kernels.swift`.
public enum Operation {
    // MARK: Sources, without inputs

    /// A value that the caller provides.
    case input(name: String)
    /// A parameter, read where it lies.
    case parameter(Parameter)
    /// A value fixed at tracing.
    case constant(Tensor)

    // MARK: One input, element by element

    case negate, exp, log, sqrt, square, reciprocal, tanh, sigmoid, relu
    /// Times a number.
    case scale(Float)
    /// Plus a number.
    case shift(Float)

    // MARK: Two inputs of one shape, element by element

    case add, subtract, multiply, divide, maximum, minimum
    /// The gradient of `relu` from that of its result and its result.
    case reluGradient
    /// 1 where the first input is at least the second, else 0.
    case isAtLeast

    // MARK: Shapes, broadcasts and sums

    /// The same elements under another shape; no copy.
    case reshape(Shape)
    /// The dimensions in another order.
    case transpose([Int])
    /// x plus a vector along dimension `axis`.
    case addBias(axis: Int)
    /// The sum over all dimensions but `axis`: a vector.
    case sumToAxis(Int)
    /// The sum of all elements: a scalar.
    case sum
    /// The sum of the squares of all elements: a scalar.
    case sumOfSquares
    /// A scalar repeated into a shape.
    case fill(Shape)
    /// x times a scalar tensor.
    case scaleBy
    /// Row i of x, everything behind dimension 0, times element i of a vector.
    case scaleRows
    /// The sum of each row, everything behind dimension 0: a vector.
    case sumRows

    // MARK: Layers

    /// The product of two matrices, either of them transposed on reading.
    case matrixMultiply(transposeA: Bool, transposeB: Bool)
    /// A 2-D convolution of [N, C, H, W] with [O, C, h, w].
    case convolution(Convolution)
    /// The gradient of the input from the weight and that of the output; the shape is the input's.
    case convolutionInputGradient(Convolution, Shape)
    /// The gradient of the weight from the input and that of the output; the shape is the weight's.
    case convolutionWeightGradient(Convolution, Shape)
    /// The maximum over windows of [N, C, H, W], and where each was found.
    case maxPool(Pooling)
    /// The gradient of the input, of the given shape, from that of the output and the places found.
    case maxPoolGradient(Pooling, Shape)
    /// The softmax of each row of a matrix.
    case softmax
    /// The gradient of `softmax` from that of its result and its result.
    case softmaxGradient
    /// The cross-entropy of each row of logits with a class number, and its gradient by the logits.
    case sparseCrossEntropy
    /// The cross-entropy of each row of logits with a row of probabilities, and its gradient by the logits.
    case crossEntropy

    // MARK: Transformers

    /// LayerNorm of the rows of a matrix from x, scale and shift; with mean and 1/deviation of each row.
    case layerNorm(epsilon: Float)
    /// The gradients of x, scale and shift from that of the result, x, scale, mean and 1/deviation.
    case layerNormGradient
    /// x · Φ(x), in the tanh form.
    case gelu
    /// The gradient of `gelu` from that of its result and its input.
    case geluGradient
    /// Rows of a table by their int32 numbers, less `first`; zeros for rows that the table does not have.
    case gatherRows(first: Int)
    /// The gradient of a table of `rows` rows from that of the rows gathered and their numbers.
    case scatterRows(rows: Int, first: Int)
    /// Causal self-attention of a fused projection, at a place in the run, with the log-sum-exp of the scores.
    case attention(Attention)
    /// The gradient of the projection from that of the result, the projection, the result, the log-sum-exp, the place.
    case attentionGradient(Attention)
    /// Elements set to 0 at random, the others scaled up; the second input is the place in the run.
    case dropout(Dropout)
    /// The greatest element of each row.
    case rowMaximum
    /// Of a shard of logits, labels and the greatest logit of each row: the sum of e^(logit − greatest), and the logit
    /// of the label or 0 where the shard does not have it.
    case logitSums(first: Int)
    /// The cross-entropy of each row and its gradient by a shard of logits, from the logits, the labels, the greatest
    /// logits and both sums over all shards.
    case shardCrossEntropy(first: Int)

    // MARK: Collectives

    /// Each input combined over all ranks of a group. It starts when its inputs exist and is awaited where a result
    /// is used; several inputs travel as one message.
    case allReduce(ReduceOperation, group: String)
    /// The input itself, whose gradient is the sum over a group of ranks that each use it for a part.
    case replicate(group: String)
    /// This rank's part, one of `parts` along dimension 0, of the input averaged over a group.
    case reduceScatter(group: String, parts: Int)

    // MARK: Updates in place, without results: parameter, state, gradient, learning rate

    /// MindSpore's `nn.SGD`; its state is two values, the accumulated gradient and whether there is none yet.
    case sgdUpdate(SGDSettings)
    /// MindSpore's `nn.Momentum`; the second input is its moment.
    case momentumUpdate(momentum: Float, weightDecay: Float, nesterov: Bool)
    /// AdamW; its state is two moments, and a factor for the gradient and the number of the step follow the rate.
    case adamWUpdate(AdamWSettings)
    /// Adds the second input to the first.
    case accumulate
    /// Collects the parts that the ranks of a group have of the first input, along dimension 0, into it.
    case allGather(group: String)
}

extension Operation {
    /// What it is called, without its settings.
    var name: String { String("\(self)".prefix { $0 != "(" }) }

    /// Whether its result is its first input, in the same memory.
    var isView: Bool {
        switch self {
        case .reshape, .replicate: true
        default: false
        }
    }

    /// Whether it changes something beyond its results, so that it runs even if nobody uses them.
    var isUpdate: Bool {
        switch self {
        case .sgdUpdate, .momentumUpdate, .adamWUpdate, .accumulate, .allGather: true
        default: false
        }
    }
}
