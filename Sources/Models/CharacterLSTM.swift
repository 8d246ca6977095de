public import Graphs
import Memory
public import Networks
import Tensors

/// A language model of bytes by an LSTM: predicts each token of a sample from those before it (Graves, "Generating Sequences
/// with Recurrent Neural Networks", 2013).
///
/// Tokens are int32 [samples, length]; the result is the logits [samples · length, vocabulary]. ``GPTLoss`` compares them.
public final class CharacterLSTM: Cell {
    let embedding: Embedding
    let lstm: LSTM
    let head: Dense
    private let width: Int

    /// Makes a network.
    ///
    /// - Parameters:
    ///   - width: The hidden elements of a layer, and those of a token.
    ///   - dropout: The share of states dropped in training between layers.
    public init(vocabulary: Int = 256, width: Int = 256, layers: Int = 2, dropout: Float = 0) {
        insist(
            vocabulary >= 1 && width >= 1,
            "CharacterLSTM needs a vocabulary and a width, not \(vocabulary) and \(width)")
        embedding = Embedding(vocabulary, width, deviation: 1)
        lstm = LSTM(width, width, numLayers: layers, batchFirst: true, dropout: dropout)
        head = Dense(width, vocabulary)
        self.width = width
    }

    /// See ``CharacterLSTM``.
    public func construct(_ x: Symbol) -> Symbol {
        insist(x.shape.rank == 2, "CharacterLSTM needs tokens [samples, length], not \(x.type)")
        let states = lstm(embedding(x).reshaped(to: [x.shape[0], x.shape[1], width]))
        return head(states.reshaped(to: [x.shape[0] * x.shape[1], width]))
    }
}
