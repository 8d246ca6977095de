public import Collectives

/// What an operation is to the memory plan and the executor: all that they know about operations.
public enum OperationRole {
    /// Its kernel computes its results from its inputs.
    case computation

    /// Its one result is its first input, in the same memory.
    case view

    /// Its kernel changes inputs, which are parameters, in place; it runs even if nobody uses results that it has.
    case update

    /// It stands at the beginning of a graph.
    case source(GraphSource)

    /// Each input combined over all ranks of a group. It starts when its inputs exist and is awaited where a result is used;
    /// several inputs travel as one message.
    case reduction(ReduceOperation, group: String)

    /// Its result is this rank's part, along dimension 0, of its input averaged over a group.
    case scatter(group: String)

    /// Collects the parts that the ranks of a group have of its first input, along dimension 0, into it; the second input is
    /// this rank's part.
    case gather(group: String)
}
