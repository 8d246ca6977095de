import Memory
import Tensors

/// Where in a run a training step is: all that random operations depend on beside seed and stream.
public final class StepCursor {
    /// Its name is part of the text of graphs, by which sets are compared.
    ///
    /// Step, and the number of this rank's first sample in the step's batch: int32 [2].
    let parameter = Parameter(name: "step_place", value: Tensor([Int32(0), 0], shape: [2]))

    /// The seed of the run.
    public let seed: UInt64

    /// Makes a cursor at the beginning.
    public init(seed: UInt64) {
        self.seed = seed
    }

    /// Moves to a step (from 1) and to the samples from `firstSample` (from 0) of its batch.
    public func move(toStep step: Int, firstSample: Int) {
        let numbers = parameter.tensor.slice(of: Int32.self)
        var target = numbers.mutableSpan
        target[0] = Int32(truncatingIfNeeded: step)
        target[1] = Int32(clamping: firstSample)
    }
}
