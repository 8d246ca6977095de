public import Datasets
import Graphs
import Memory
import Networks
import Tensors

/// The memory that one rank needs to train, in bytes.
public struct TrainingMemory: Equatable, Sendable {
    /// The parameters of the network that this rank holds.
    public let parameters: Int

    /// The optimizer's state that this rank holds.
    public let optimizer: Int

    /// Activations, gradients and messages: the arena of a step, and sums of gradients if a step has several parts.
    public let step: Int

    /// The samples that lie in memory, the order of an epoch, and the batch that threads make ready while a step runs. What is
    /// read from files where it is needed takes none.
    public let data: Int

    /// What saves hold beside the state itself: the copy of an asynchronous one, and buffers to gather what is split.
    public let saving: Int

    /// All of it.
    public var total: Int { parameters + optimizer + step + data + saving }
}

extension Model {
    /// What training over `data` needs on this rank, with the data that it is tested with and the callbacks that save. The
    /// step is made ready for it, all ranks together.
    ///
    /// - Throws: ``ModelError``, ``DataError``; `CollectiveError`.
    public func trainingMemory(
        for data: DataLoader, testing: DataLoader? = nil, callbacks: [Callback] = []
    ) throws -> TrainingMemory {
        guard let optimizer else { throw ModelError.noOptimizer }
        func byteCount(_ parameters: [Parameter]) -> Int { parameters.reduce(0) { $0 + $1.tensor.bytes.count } }
        // Lengths that cut nothing share the step of whole samples.
        let runners = try data.lengths.reduce(into: [ObjectIdentifier: StepRunner]()) { runners, length in
            let runner = try runner(for: data.cut(to: length), optimizer: optimizer)
            runners[ObjectIdentifier(runner)] = runner
        }.values
        let batch = data.workers > 0 ? runners.map(\.inputByteCount).max() ?? 0 : 0
        return TrainingMemory(
            parameters: byteCount(network.parameters), optimizer: byteCount(optimizer.state),
            step: runners.reduce(0) { $0 + $1.byteCount },
            data: data.residentByteCount + (testing?.residentByteCount ?? 0) + batch,
            saving: callbacks.reduce(0) { $0 + (($1 as? any SavingCallback)?.savingByteCount(of: self) ?? 0) })
    }
}

/// A callback that holds memory of its own to save with.
package protocol SavingCallback: Callback {
    /// The bytes that it holds on this rank beside what it saves.
    func savingByteCount(of model: Model) -> Int
}
