import Graphs
import LayerOperations

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
        hasBias: Bool = true, batchFirst: Bool = false, dropout: Float = 0, bidirectional: Bool = false,
        stream: Int? = nil
    ) {
        super.init(
            nonlinearity == .tanh ? .tanh : .relu, inputSize, hiddenSize,
            RecurrentOptions(
                numLayers: numLayers, hasBias: hasBias, batchFirst: batchFirst, dropout: dropout,
                bidirectional: bidirectional))
    }
}

/// Gated recurrent units (MindSpore's `nn.GRU`; Cho et al., 2014); see ``RecurrentLayer``.
public final class GRU: RecurrentLayer {
    /// Makes a network with MindSpore's defaults; see ``RNN``.
    public init(
        _ inputSize: Int, _ hiddenSize: Int, numLayers: Int = 1, hasBias: Bool = true, batchFirst: Bool = false,
        dropout: Float = 0, bidirectional: Bool = false
    ) {
        super.init(
            .gru, inputSize, hiddenSize,
            RecurrentOptions(
                numLayers: numLayers, hasBias: hasBias, batchFirst: batchFirst, dropout: dropout,
                bidirectional: bidirectional))
    }
}

/// Long short-term memory (MindSpore's `nn.LSTM`; Hochreiter and Schmidhuber, 1997); see ``RecurrentLayer``.
public final class LSTM: RecurrentLayer {
    /// Makes a network with MindSpore's defaults; see ``RNN``.
    public init(
        _ inputSize: Int, _ hiddenSize: Int, numLayers: Int = 1, hasBias: Bool = true, batchFirst: Bool = false,
        dropout: Float = 0, bidirectional: Bool = false
    ) {
        super.init(
            .lstm, inputSize, hiddenSize,
            RecurrentOptions(
                numLayers: numLayers, hasBias: hasBias, batchFirst: batchFirst, dropout: dropout,
                bidirectional: bidirectional))
    }
}
