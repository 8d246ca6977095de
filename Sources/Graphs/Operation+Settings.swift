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

/// The settings of causal self-attention over the rows of [batch · length, heads · 3 · size].
///
/// A row holds, for each head, its query, key and value.
public struct Attention: Hashable, Sendable {
    /// The heads of this rank.
    public var heads: Int
    /// The number of tokens of a sample.
    public var length: Int
    /// How probabilities are dropped; `firstColumn` is the first head's number.
    public var dropout: Dropout

    /// Makes the settings.
    public init(heads: Int, length: Int, dropout: Dropout = Dropout(rate: 0)) {
        self.heads = heads
        self.length = length
        self.dropout = dropout
    }
}

/// Which elements a dropout keeps: a pure function of seed, stream, step and the element's place in the whole value,
/// so that it is the same on every mesh.
public struct Dropout: Hashable, Sendable {
    /// The share of elements that are dropped.
    public var rate: Float
    /// The seed of the run.
    public var seed: UInt64
    /// What tells this dropout from the others of a network.
    public var stream: UInt64
    /// The number, in the whole value, of this rank's first column (of its first head, in attention).
    public var firstColumn: Int
    /// The number of columns (of heads, in attention) of the whole value.
    public var columns: Int
    /// How many rows each sample has.
    public var rowsPerSample: Int

    /// Makes the settings.
    public init(
        rate: Float, seed: UInt64 = 0, stream: UInt64 = 0, firstColumn: Int = 0, columns: Int = 0,
        rowsPerSample: Int = 1
    ) {
        self.rate = rate
        self.seed = seed
        self.stream = stream
        self.firstColumn = firstColumn
        self.columns = columns
        self.rowsPerSample = rowsPerSample
    }
}

/// The settings of AdamW.
public struct AdamWSettings: Hashable, Sendable {
    /// How much of the last mean of gradients is kept.
    public var beta1: Float
    /// How much of the last mean of squared gradients is kept.
    public var beta2: Float
    /// What keeps the denominator from 0.
    public var epsilon: Float
    /// How much of a parameter a step takes off, times the rate.
    public var weightDecay: Float

    /// Makes the settings.
    public init(beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8, weightDecay: Float = 0) {
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        self.weightDecay = weightDecay
    }
}
