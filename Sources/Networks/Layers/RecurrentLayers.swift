public import Graphs
import LayerOperations
import Memory

/// A recurrent network of tanh or ReLU cells (MindSpore's `nn.RNN`); see ``RecurrentLayer``.
public final class RNN: RecurrentLayer {
    /// What a cell applies to the sum of its products.
    public enum Nonlinearity: String, Sendable, CaseIterable {
        case tanh, relu
    }

    /// Makes a network with MindSpore's defaults.
    ///
    /// - Parameters:
    ///   - dropout: The share of states dropped in training between layers.
    public init(
        _ inputSize: Int, _ hiddenSize: Int, numLayers: Int = 1, nonlinearity: Nonlinearity = .tanh,
        hasBias: Bool = true, batchFirst: Bool = false, dropout: Float = 0, bidirectional: Bool = false
    ) {
        super.init(
            nonlinearity == .tanh ? .tanh : .relu, inputSize, hiddenSize, numLayers, hasBias, batchFirst, dropout,
            bidirectional)
    }

    /// Applies the layer to sequences that begin with the hidden states `hx`, nil for zeros; with the last ones.
    public func callAsFunction(
        _ x: Symbol, hx: Symbol?, seqLength: Symbol? = nil
    ) -> (output: Symbol, hxN: Symbol) {
        apply(to: x, fromHidden: hx, lengths: seqLength)
    }
}

/// What ``GRU`` and ``LSTM`` have alike: MindSpore's arguments. Only these two are made; this alone ends the program.
public class GatedRecurrentLayer: RecurrentLayer {
    class var cell: RecurrentCell { misuse("a \(Self.self) has no cell of its own; make a GRU or an LSTM") }

    /// Makes a network with MindSpore's defaults; see ``RNN``.
    public init(
        _ inputSize: Int, _ hiddenSize: Int, numLayers: Int = 1, hasBias: Bool = true, batchFirst: Bool = false,
        dropout: Float = 0, bidirectional: Bool = false
    ) {
        super.init(Self.cell, inputSize, hiddenSize, numLayers, hasBias, batchFirst, dropout, bidirectional)
    }
}

/// Gated recurrent units (MindSpore's `nn.GRU`; Cho et al., 2014); see ``RecurrentLayer``.
public final class GRU: GatedRecurrentLayer {
    override class var cell: RecurrentCell { .gru }

    /// Applies the layer to sequences that begin with the hidden states `hx`, nil for zeros; with the last ones.
    public func callAsFunction(
        _ x: Symbol, hx: Symbol?, seqLength: Symbol? = nil
    ) -> (output: Symbol, hxN: Symbol) {
        apply(to: x, fromHidden: hx, lengths: seqLength)
    }
}

/// Long short-term memory (MindSpore's `nn.LSTM`; Hochreiter and Schmidhuber, 1997); see ``RecurrentLayer``.
public final class LSTM: GatedRecurrentLayer {
    override class var cell: RecurrentCell { .lstm }

    /// Applies the layer to sequences that begin with the hidden and cell states `hx`, nil for zeros; with the last ones.
    public func callAsFunction(
        _ x: Symbol, hx: (h: Symbol, c: Symbol)?, seqLength: Symbol? = nil
    ) -> (output: Symbol, hxN: (h: Symbol, c: Symbol)) {
        let (output, states) = apply(to: x, from: hx.map { [$0.h, $0.c] } ?? [], lengths: seqLength)
        return (output, (states[0], states[1]))
    }
}
