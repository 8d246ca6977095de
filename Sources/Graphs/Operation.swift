public import Collectives
public import Tensors

/// What a node does. Shapes are those of ``Operation+Types``; gradients stand in ``GradientRules``; kernels in
/// ``Instructions``.
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

    // MARK: Collectives

    /// Each input combined over all ranks of a group. It starts when its inputs exist and is awaited where a result
    /// is used; several inputs travel as one message.
    case allReduce(ReduceOperation, group: String)

    // MARK: Updates in place, without results: parameter, state, gradient, learning rate

    /// MindSpore's `nn.SGD`; its state is two values, the accumulated gradient and whether there is none yet.
    case sgdUpdate(SGDSettings)
    /// MindSpore's `nn.Momentum`; the second input is its moment.
    case momentumUpdate(momentum: Float, weightDecay: Float, nesterov: Bool)
}

/// The settings of a 2-D convolution.
public struct Convolution: Hashable, Sendable {
    /// Steps of the window, down and across.
    public var stride: [Int] = [1, 1]
    /// Zeros around the image: top, bottom, left, right.
    public var padding: [Int] = [0, 0, 0, 0]
    /// Distances between the window's elements, down and across.
    public var dilation: [Int] = [1, 1]

    /// Makes the settings.
    public init(stride: [Int] = [1, 1], padding: [Int] = [0, 0, 0, 0], dilation: [Int] = [1, 1]) {
        self.stride = stride
        self.padding = padding
        self.dilation = dilation
    }
}

/// The settings of a 2-D pooling.
public struct Pooling: Hashable, Sendable {
    /// The window's height and width.
    public var kernel: [Int]
    /// Steps of the window, down and across.
    public var stride: [Int]
    /// Places around the image that never win: top, bottom, left, right.
    public var padding: [Int]

    /// Makes the settings.
    public init(kernel: [Int], stride: [Int], padding: [Int] = [0, 0, 0, 0]) {
        self.kernel = kernel
        self.stride = stride
        self.padding = padding
    }
}

/// The settings of MindSpore's `nn.SGD`.
public struct SGDSettings: Hashable, Sendable {
    /// How much of the last update is kept.
    public var momentum: Float
    /// How much of the gradient is left out of the state.
    public var dampening: Float
    /// How much of the parameter is added to its gradient.
    public var weightDecay: Float
    /// Whether the update looks one step ahead.
    public var nesterov: Bool

    /// Makes the settings.
    public init(momentum: Float = 0, dampening: Float = 0, weightDecay: Float = 0, nesterov: Bool = false) {
        self.momentum = momentum
        self.dampening = dampening
        self.weightDecay = weightDecay
        self.nesterov = nesterov
    }
}

extension Operation {
    /// Whether it changes something beyond its results, so that it runs even if nobody uses them.
    var isUpdate: Bool {
        switch self {
        case .sgdUpdate, .momentumUpdate: true
        default: false
        }
    }
}
