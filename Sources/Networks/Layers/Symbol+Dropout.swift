public import Graphs
import LayerOperations
import Memory
import Tensors

extension Symbol {
    /// The elements of a matrix with the share `rate` of them dropped in training, and the others scaled up; in inference
    /// they stay as they are (MindSpore's `nn.Dropout(p=rate)`).
    ///
    /// Which ones are dropped depends on the run's seed, the step, the sample and `stream`, and not on the number of ranks.
    ///
    /// - Parameters:
    ///   - stream: A number of your choice from 0, another one for each dropout of the network.
    ///   - rowsPerSample: How many rows of the matrix belong to a sample.
    public func dropped(_ rate: Float, stream: Int, rowsPerSample: Int = 1) -> Symbol {
        insist(stream >= 0, "the stream of a dropout is \(stream); it must be at least 0")
        return dropped(
            DropoutSettings(
                rate: rate, seed: trace.cursor?.seed ?? 0, stream: UInt64(stream), columns: shape.dimensions.last ?? 1,
                rowsPerSample: rowsPerSample))
    }
}
