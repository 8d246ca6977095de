import Graphs
import Kernels
import Memory
import Tensors

/// The settings of causal self-attention over the rows of [batch · length, heads · 3 · size].
///
/// A row holds, for each head, its query, key and value.
public struct Attention: Hashable, Sendable {
    /// The heads of this rank.
    public var heads: Int
    /// The number of tokens of a sample.
    public var length: Int
    /// How probabilities are dropped; `firstColumn` is the first head's number.
    public var dropout: DropoutSettings

    /// Makes the settings.
    public init(heads: Int, length: Int, dropout: DropoutSettings = DropoutSettings(rate: 0)) {
        self.heads = heads
        self.length = length
        self.dropout = dropout
    }
}

/// Causal self-attention of a fused projection, at a place in the run, with the log-sum-exp of the scores.
struct Attend: Operation {
    let settings: Attention

    var name: String { "attention" }

    var inputCount: Int? { 2 }

    var description: String { "\(name)(\(settings.text(dropout: "\(settings.dropout)")))" }

    var structure: String { "\(name)(\(settings.text(dropout: settings.dropout.structure)))" }

    var dropoutRate: Float? { settings.dropout.rate }

    func elementType(ofInput index: Int) -> ElementType? { index == 1 ? .int32 : .float32 }

    func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] {
        try demandMatrix(inputs)
        let (x, heads, length) = (inputs[0].shape, settings.heads, settings.length)
        try demand(
            length > 0 && heads > 0 && x[0] % length == 0 && x[1] % (3 * heads) == 0, "cannot take apart", inputs)
        return [TensorType([x[0], x[1] / 3]), TensorType([x[0], heads])]
    }

    func inputGradients(x: [Symbol], y: [Symbol], g: Symbol) -> [Symbol?] {
        [g.apply(Gradient(settings: settings), x[0], y[0], y[1], x[1]), nil]
    }

    func kernel(_ operands: Operands) -> () -> Void {
        let geometry = settings.geometry(of: operands.shape)
        let (qkv, place) = (operands.input(0), operands.integers(1))
        let (output, logarithms) = (operands.result(0), operands.result(1))
        return { [settings, pool = operands.pool] in
            var result = output.mutableSpan
            var logSumExp = logarithms.mutableSpan
            Kernels.causalAttention(
                qkv.span, into: &result, logSumExp: &logSumExp, geometry: geometry,
                dropout: settings.dropout(at: place.span), pool: pool)
        }
    }

    /// Half of all pairs count, as no token sees those behind it: two products.
    func operationCount(inputs: [Shape], results: [Shape]) -> Double? { 2 * settings.product(of: inputs[0]) }

    /// The place in the run, which follows, is for dropout alone.
    var mindSporeInputCount: Int? { 1 }

    /// softmax(q · kᵀ / √size + mask) · v for each head, whose q, k and v lie side by side in the rows of the projection.
    func mindSporeForm(_ calls: inout MindSporeCalls) throws(NoMindSporeForm) -> MindSporeValue {
        guard settings.dropout.rate == 0 else {
            throw NoMindSporeForm("it drops other probabilities in each step; trace the graph for inference")
        }
        let (projection, heads, length) = (calls.x[0], settings.heads, settings.length)
        let size = try calls.known([projection.type.dimensions[1]])[0] / (3 * heads)
        let rows = projection.type.dimensions[0]
        let samples = rows == MindSporeType.open ? MindSporeType.open : rows / length
        let part = MindSporeType([samples, heads, length, size])
        let scores = MindSporeType([samples, heads, length, length])

        let tokens = calls.call(
            .reshape, projection, [-1, length, heads, 3 * size],
            giving: MindSporeType([samples, length, heads, 3 * size]))
        let byHead = calls.call(
            .transpose, tokens, [0, 2, 1, 3], giving: MindSporeType([samples, heads, length, 3 * size]))
        let parts = calls.callForAll(.split, byHead, 3, 3, giving: [part, part, part])
        let products = calls.call(.batchMatMul, parts[0], parts[1], false, true, giving: scores)
        let scaled = calls.call(.muls, products, 1 / Float(size).squareRoot(), giving: scores)
        let masked = calls.call(
            .maskedFill, scaled, laterTokens(length), Tensor(scalar: -Float.infinity), giving: scores)
        let probabilities = calls.call(.softmax, masked, [-1], giving: scores)
        let attended = calls.call(.batchMatMul, probabilities, parts[2], false, false, giving: part)
        let byToken = calls.call(
            .transpose, attended, [0, 2, 1, 3], giving: MindSporeType([samples, length, heads, size]))
        return calls.call(.reshape, byToken, [-1, heads * size])
    }
}

extension Attend {
    /// The gradient of the projection from that of the result, the projection, the result, the log-sum-exp, the place.
    struct Gradient: Operation {
        let settings: Attention

        var name: String { "attentionGradient" }

        var inputCount: Int? { 5 }

        var description: String { "\(name)(\(settings.text(dropout: "\(settings.dropout)")))" }

        func elementType(ofInput index: Int) -> ElementType? { index == 4 ? .int32 : .float32 }

        func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] { [TensorType(inputs[1].shape)] }

        func kernel(_ operands: Operands) -> () -> Void {
            let geometry = settings.geometry(of: operands.inputs[1].shape)
            let (g, qkv) = (operands.input(0), operands.input(1))
            let (output, logSumExp) = (operands.input(2), operands.input(3))
            let (place, ofProjection) = (operands.integers(4), operands.result())
            return { [settings, pool = operands.pool] in
                var result = ofProjection.mutableSpan
                Kernels.causalAttentionGradient(
                    g.span, qkv: qkv.span, output: output.span, logSumExp: logSumExp.span, into: &result,
                    geometry: geometry, dropout: settings.dropout(at: place.span), pool: pool)
            }
        }

        /// Four products. What is computed a second time does not count.
        func operationCount(inputs: [Shape], results: [Shape]) -> Double? { 4 * settings.product(of: inputs[1]) }
    }
}

extension Attention {
    fileprivate func text(dropout: String) -> String {
        "Graphs.Attention(heads: \(heads), length: \(length), dropout: \(dropout))"
    }

    fileprivate func geometry(of projection: Shape) -> AttentionGeometry {
        AttentionGeometry(
            batch: projection[0] / length, heads: heads, length: length, size: projection[1] / (3 * heads))
    }

    /// The operations of one product of queries with keys, or of weights with values, from a projection
    /// [rows, 3 · width].
    fileprivate func product(of projection: Shape) -> Double {
        Double(projection.elementCount / 3) * Double(length + 1)
    }

    /// The dropout of a step, for this rank's samples and heads; nil if nothing is dropped.
    fileprivate func dropout(at place: Span<Int32>) -> AttentionDropout? {
        guard dropout.rate > 0 else { return nil }
        return AttentionDropout(
            rate: dropout.rate, seed: dropout.seed, stream: UInt32(truncatingIfNeeded: dropout.stream),
            step: UInt32(bitPattern: place[0]), firstSequence: Int(place[1]), firstHead: dropout.firstColumn,
            totalHeads: dropout.columns)
    }
}

/// True where the second token comes after the first: what a token must not see.
private func laterTokens(_ length: Int) -> Tensor {
    let mask = Tensor(zeros: [length, length], elementType: .bool)
    var flags = mask.bytes.mutableSpan
    for token in 0..<length {
        for other in token + 1..<max(token + 1, length) { flags[token * length + other] = 1 }
    }
    return mask
}

extension Operation where Self == Attend {
    static func attention(_ settings: Attention) -> Self { Self(settings: settings) }
}

extension Operation where Self == Attend.Gradient {
    static func attentionGradient(_ settings: Attention) -> Self { Self(settings: settings) }
}
