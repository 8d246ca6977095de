import Graphs
import Memory
import Networks
import Tensors

/// The memory that one rank needs to train, in bytes; what its data take is not counted.
public struct TrainingMemory: Equatable, Sendable {
    /// The parameters of the network that this rank holds.
    public let parameters: Int

    /// The optimizer's state that this rank holds.
    public let optimizer: Int

    /// Activations, gradients and messages: the arena of a step, and sums of gradients if a step has several parts.
    public let step: Int
}

extension Model {
    /// What training over `data` needs on this rank. The step is made ready for it, all ranks together.
    ///
    /// - Throws: ``ModelError``, ``DataError``; `CollectiveError`.
    public func trainingMemory(for data: DataLoader) throws -> TrainingMemory {
        guard let optimizer else { throw ModelError.noOptimizer }
        func byteCount(_ parameters: [Parameter]) -> Int { parameters.reduce(0) { $0 + $1.tensor.bytes.count } }
        return TrainingMemory(
            parameters: byteCount(network.parameters), optimizer: byteCount(optimizer.state),
            step: try runner(for: data, optimizer: optimizer).byteCount)
    }
}
