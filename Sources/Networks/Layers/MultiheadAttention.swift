import Glibc
public import Graphs
import LayerOperations
import Memory
import Tensors

/// Attention of tokens to others, over several heads (Vaswani et al., 2017; MindSpore's `nn.MultiheadAttention` with
/// `batch_first`).
///
/// Queries are [samples, length, embedDim], keys and values [samples, others, kdim] and [samples, others, vdim]; the result is like
/// the queries. ``construct(_:)`` is attention of tokens to each other; ``callAsFunction(query:key:value:attnMask:keyPaddingMask:)``
/// takes three values and masks. The GPT's ``CausalSelfAttention`` is faster, and divides its heads among ranks.
///
/// Its parameters have MindSpore's names: `in_proj_weight` [3 · embedDim, embedDim], or `q_proj_weight`, `k_proj_weight` and
/// `v_proj_weight` where sizes differ; `in_proj_bias`, `out_proj.weight` and `out_proj.bias`.
public final class MultiheadAttention: Cell {
    private let projection: AttentionProjection
    private let output: Dense
    private let heads: Int
    private let sharedHeads: Int
    private let isCausal: Bool
    private let rotaryBase: Float?
    private let dropout: Float

    /// Makes a layer.
    ///
    /// - Parameters:
    ///   - dropout: The share of the attention's weights that are dropped in training.
    ///   - kdim: The width of keys; by default that of queries.
    ///   - vdim: The width of values; by default that of queries.
    ///   - keyValueHeads: How many heads keys and values have, each shared by as many of the queries' (Ainslie et al., "GQA", 2023);
    ///     by default as many as queries. MindSpore has no such argument.
    ///   - isCausal: Whether a token sees none behind it.
    ///   - rotaryBase: The base of rotary positions (Su et al., "RoFormer", 2021), usually 10,000; nil for none.
    public init(
        _ embedDim: Int, numHeads: Int, dropout: Float = 0, hasBias: Bool = true, kdim: Int? = nil, vdim: Int? = nil,
        keyValueHeads: Int? = nil, isCausal: Bool = false, rotaryBase: Float? = nil
    ) {
        let shared = keyValueHeads ?? numHeads
        insist(
            numHeads > 0 && embedDim % numHeads == 0,
            "\(numHeads) heads cannot share a width of \(embedDim): the width must be a multiple of the heads")
        insist(
            shared > 0 && numHeads % shared == 0,
            "\(shared) heads of keys and values cannot serve \(numHeads) heads of queries: these must be a multiple of them"
        )
        insist(
            rotaryBase == nil || embedDim / numHeads % 2 == 0,
            "rotary positions turn pairs, which heads of \(embedDim / numHeads) elements do not consist of")
        let width = embedDim / numHeads * shared
        projection = AttentionProjection(
            inputs: [embedDim, kdim ?? embedDim, vdim ?? embedDim], outputs: [embedDim, width, width], hasBias: hasBias)
        output = Dense(embedDim, embedDim, hasBias: hasBias)
        heads = numHeads
        sharedHeads = shared
        self.isCausal = isCausal
        self.rotaryBase = rotaryBase
        self.dropout = dropout
    }

    /// The parameters, under MindSpore's names.
    public var members: [(name: String, value: Any)] { projection.members + [("out_proj", output)] }

    /// Attention of the tokens of each sample to each other.
    public func construct(_ x: Symbol) -> Symbol { attend(x, x, x, masks: []) }

    /// Attention of queries to keys, from whose values the result is made.
    ///
    /// - Parameters:
    ///   - attnMask: Float32 [length, others], 1 where a query does not see a key and 0 elsewhere (MindSpore has true and false).
    ///   - keyPaddingMask: Float32 [samples, others], 1 for keys that nobody sees.
    public func callAsFunction(
        query: Symbol, key: Symbol, value: Symbol, attnMask: Symbol? = nil, keyPaddingMask: Symbol? = nil
    ) -> Symbol {
        layer(in: query.trace) {
            let padding = keyPaddingMask.map { $0.reshaped(to: [$0.shape[0], 1, 1, $0.shape[1]]) }
            return attend(query, key, value, masks: [attnMask, padding].compactMap(\.self))
        }
    }

    private func attend(_ query: Symbol, _ key: Symbol, _ value: Symbol, masks: [Symbol]) -> Symbol {
        for x in [query, key, value] {
            insist(x.shape.rank == 3, "attention takes [samples, length, width], not \(x.type)")
        }
        let (samples, length, others) = (query.shape[0], query.shape[1], key.shape[1])
        let (q, k, v) = (
            byHead(projection(query, 0), heads, isTurned: true),
            byHead(projection(key, 1), sharedHeads, isTurned: true),
            byHead(projection(value, 2), sharedHeads, isTurned: false)
        )
        let size = q.shape[3]
        // The heads of queries that share keys are as one with more rows.
        let rows = heads / sharedHeads * length
        let scores = (q * (1 / Float(size).squareRoot())).reshaped(to: [samples, sharedHeads, rows, size])
            .batchMultiplied(by: k, transposeB: true).reshaped(to: [samples, heads, length, others])
        let weights = Dropout(p: dropout).construct(masked(scores, masks).softmax(axis: -1))
            .reshaped(to: [samples, sharedHeads, rows, others])
        let attended = weights.batchMultiplied(by: v).reshaped(to: [samples, heads, length, size])
        let byToken = attended.transposed([0, 2, 1, 3]).reshaped(to: [samples * length, heads * size])
        return output(byToken).reshaped(to: query.shape)
    }

    /// [samples, length, heads · size] as [samples, heads, length, size].
    private func byHead(_ x: Symbol, _ heads: Int, isTurned: Bool) -> Symbol {
        let (samples, length, width) = (x.shape[0], x.shape[1], x.shape[2])
        let parts = x.reshaped(to: [samples, length, heads, width / heads]).transposed([0, 2, 1, 3])
        guard isTurned, let rotaryBase else { return parts }
        return parts.turnedByPosition(base: rotaryBase)
    }

    /// Scores so low where a mask has 1 that no weight is left; where all are, weights are equal, and not NaN.
    private func masked(_ scores: Symbol, _ masks: [Symbol]) -> Symbol {
        let lowest: Float = -1e30
        let causal = isCausal ? [scores.trace.constant(laterTokens(scores.shape[2], scores.shape[3]))] : []
        return (masks + causal).reduce(scores) { $0 + $1 * lowest }
    }
}

/// 1 where a key stands behind a query, the last of both standing side by side.
private func laterTokens(_ length: Int, _ others: Int) -> Tensor {
    let flags = (0..<length).flatMap { query in
        (0..<others).map { Float($0 > query + others - length ? 1 : 0) }
    }
    return Tensor(flags, shape: [length, others])
}

extension Symbol {
    /// Tokens [..., length, size] whose pairs of elements are turned by angles that grow with their places, so that products of two
    /// depend on their distance (Su et al., "RoFormer", 2021). Element i and i + size / 2 are a pair, as in Llama.
    public func turnedByPosition(base: Float = 10_000) -> Symbol {
        let (length, size) = (shape[-2], shape[-1])
        insist(size % 2 == 0, "rotary positions turn pairs, which \(size) elements are not")
        let half = size / 2
        let angles = (0..<length).flatMap { token in
            (0..<size).map { Double(token) * Glibc.pow(Double(base), -2 * Double($0 % half) / Double(size)) }
        }
        func table(_ function: (Double) -> Double) -> Symbol {
            trace.constant(Tensor(angles.map { Float(function($0)) }, shape: [length, size]))
        }
        let halves = split(along: -1, into: 2)
        let turned = Symbol.concatenated([-halves[1], halves[0]], axis: -1)
        return self * table { Glibc.cos($0) } + turned * table { Glibc.sin($0) }
    }
}
