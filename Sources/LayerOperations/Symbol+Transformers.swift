import Collectives
public import Graphs

// The operations of transformers as a cell writes them.

extension Symbol {
    /// LayerNorm of the rows of a matrix: (x − mean) / √(variance + epsilon) · scale + shift (Ba et al., 2016).
    public func layerNormalized(scale: Symbol, shift: Symbol, epsilon: Float) -> Symbol {
        apply(.layerNorm(epsilon: epsilon), scale, shift)
    }

    /// x · Φ(x) in the tanh form, MindSpore's GeLU (Hendrycks and Gimpel, 2016).
    public func gelu() -> Symbol { apply(.gelu) }

    /// The rows of this table whose int32 numbers `ids` names: [number of ids, columns]. A shard of the table whose first
    /// row is number `first` gives zeros for the rows it does not have.
    public func gatheringRows(_ ids: Symbol, first: Int = 0) -> Symbol { apply(.gatherRows(first: first), ids) }

    /// Causal self-attention of a fused projection [batch · length, heads · 3 · size] → [batch · length, heads · size].
    public func attended(_ attention: Attention) -> Symbol {
        var attention = attention
        if !trace.isTraining { attention.dropout.rate = 0 }
        return apply(.attention(attention), trace.placeInRun)
    }

    /// Elements of a matrix dropped at random in training, the others scaled up by 1 / (1 − rate); nothing in inference
    /// (Srivastava et al., 2014). `columns` is the number of columns of the whole value.
    public func dropped(_ dropout: DropoutSettings) -> Symbol {
        guard trace.isTraining, dropout.rate > 0 else { return self }
        return apply(.dropout(dropout), trace.placeInRun)
    }

    /// The cross-entropy of each row of logits [rows, classes] with an int32 class number: a vector.
    public func sparseCrossEntropy(labels: Symbol) -> Symbol { apply(.sparseCrossEntropy, labels) }

    /// The cross-entropy of each row of logits [rows, classes] with a row of probabilities: a vector.
    public func crossEntropy(probabilities: Symbol) -> Symbol { apply(.crossEntropy, probabilities) }

    /// The cross-entropy of each row where every rank of a group has a shard of the logits' columns, beginning with
    /// column `first`: a vector, the same on all of them. No rank holds all logits.
    public func shardedCrossEntropy(labels: Symbol, first: Int, group: String) -> Symbol {
        let greatest = apply(.rowMaximum).apply(.allReduce(.maximum, group: group))
        let own = trace.apply(.logitSums(first: first), to: [self, labels, greatest])
        let sums = trace.apply(.allReduce(.sum, group: group), to: own)
        return apply(.shardCrossEntropy(first: first), labels, greatest, sums[0], sums[1])
    }
}
