package import Checkpoints
import Memory
import Tensors

/// A place for a copy of a state, kept and used again, so that a run can go on while the copy is being written.
package final class StateBuffer {
    private var copies: [Tensor] = []

    /// Makes one that has no memory yet.
    package init() {}

    /// Copies parameters; the copies are valid until the next call.
    package func copy(of parameters: [ShardedParameter]) -> [ShardedParameter] {
        if copies.map(\.type) != parameters.map(\.local.type) {
            copies = parameters.map { Tensor(zeros: $0.local.shape, elementType: $0.local.elementType) }
        }
        return zip(parameters, copies).map { parameter, copy in
            copy.copy(from: parameter.local)
            return parameter.holding(copy)
        }
    }
}
