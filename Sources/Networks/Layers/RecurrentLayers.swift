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
    ///   - stream: The number of the first such dropout, which no other dropout of the network has; each layer but the last
    ///     takes one. By default their places in the network tell them apart.
    public init(
        _ inputSize: Int, _ hiddenSize: Int, numLayers: Int = 1, nonlinearity: Nonlinearity = .tanh,
        hasBias: Bool = true, batchFirst: Bool = false, dropout: Float = 0, bidirectional: Bool = false,
        stream: Int? = nil
    ) {
        super.init(
            nonlinearity == .tanh ? .tanh : .relu, inputSize, hiddenSize,
            RecurrentOptions(
                numLayers: numLayers, hasBias: hasBias, batchFirst: batchFirst, dropout: dropout,
                bidirectional: bidirectional, stream: stream))
    }
}

/// Gated recurrent units (MindSpore's `nn.GRU`; Cho et al., 2014); see ``RecurrentLayer``.
public final class GRU: RecurrentLayer {
    /// Makes a network with MindSpore's defaults; see ``RNN``.
    public init(
        _ inputSize: Int, _ hiddenSize: Int, numLayers: Int = 1, hasBias: Bool = true, batchFirst: Bool = false,
        dropout: Float = 0, bidirectional: Bool = false, stream: Int? = nil
    ) {
        super.init(
            .gru, inputSize, hiddenSize,
            RecurrentOptions(
                numLayers: numLayers, hasBias: hasBias, batchFirst: batchFirst, dropout: dropout,
                bidirectional: bidirectional, stream: stream))
    }
}

/// Long short-term memory (MindSpore's `nn.LSTM`; Hochreiter and Schmidhuber, 1997); see ``RecurrentLayer``.
public final class LSTM: RecurrentLayer {
    /// Makes a network with MindSpore's defaults; see ``RNN``.
    public init(
        _ inputSize: Int, _ hiddenSize: Int, numLayers: Int = 1, hasBias: Bool = true, batchFirst: Bool = false,
        dropout: Float = 0, bidirectional: Bool = false, stream: Int? = nil
    ) {
        super.init(
            .lstm, inputSize, hiddenSize,
            RecurrentOptions(
                numLayers: numLayers, hasBias: hasBias, batchFirst: batchFirst, dropout: dropout,
                bidirectional: bidirectional, stream: stream))
    }
}
