public import Memory

/// A group of ranks that exchange data, seen from one of them.
///
/// Every rank of the group must make the same calls in the same order, with the same counts and element types.
/// Calls are made from one thread. Results are the same bits in every run with the same ranks.
///
/// Implementations: ``SoloCommunicator`` (a world of one), `MPICommunicator` in `OpenMPI`, and `ThreadCommunicator`
/// in `CollectivesTestKit` (ranks as threads of one process, for tests).
public protocol Communicator: AnyObject, Sendable {
    /// What the group is called in messages, such as "world" or "dp".
    var name: String { get }

    /// The number of this rank in the group, from 0.
    var rank: Int { get }

    /// How many ranks the group has.
    var size: Int { get }

    /// Waits until every rank has called it (`MPI_Barrier`).
    func barrier() throws(CollectiveError)

    /// Copies the values of rank `root` to all ranks (`MPI_Bcast`).
    func broadcast<T: CollectiveElement>(_ values: inout MutableSpan<T>, from root: Int) throws(CollectiveError)

    /// Combines the values of all ranks element by element; `root` receives the result in place, the other ranks'
    /// values are left as they are (`MPI_Reduce`).
    func reduce<T: CollectiveElement>(
        _ values: inout MutableSpan<T>, with operation: ReduceOperation, to root: Int) throws(CollectiveError)

    /// Combines the values of all ranks element by element; all receive the result in place (`MPI_Allreduce`).
    func allReduce<T: CollectiveElement>(
        _ values: inout MutableSpan<T>, with operation: ReduceOperation) throws(CollectiveError)

    /// Lays the values of all ranks one after the other into `result` on rank `root` (`MPI_Gather`).
    ///
    /// On `root`, `result` has `size * values.count` elements; elsewhere it is not touched and may be empty.
    func gather<T: CollectiveElement>(
        _ values: Span<T>, into result: inout MutableSpan<T>, to root: Int) throws(CollectiveError)

    /// Lays the values of all ranks one after the other into `result` on every rank (`MPI_Allgather`).
    func allGather<T: CollectiveElement>(
        _ values: Span<T>, into result: inout MutableSpan<T>) throws(CollectiveError)

    /// Combines the values of all ranks; rank r receives the r-th of `size` equal parts
    /// (`MPI_Reduce_scatter_block`). `values` has `size * result.count` elements.
    func reduceScatter<T: CollectiveElement>(
        _ values: Span<T>, into result: inout MutableSpan<T>, with operation: ReduceOperation) throws(CollectiveError)

    /// Sends values to one other rank, which must `receive` as many (`MPI_Send`).
    func send<T: CollectiveElement>(_ values: Span<T>, to rank: Int, tag: Int) throws(CollectiveError)

    /// Receives as many values as `values` holds from one other rank (`MPI_Recv`).
    func receive<T: CollectiveElement>(
        _ values: inout MutableSpan<T>, from rank: Int, tag: Int) throws(CollectiveError)

    /// Prepares an all-reduce that runs beside other work (`MPI_Iallreduce`); it can be started again and again, and
    /// starting it allocates nothing.
    ///
    /// The request keeps `values` alive. Between `start` and the end of it, nobody may touch them.
    func allReduceRequest<T: CollectiveElement>(
        over values: Slice<T>, with operation: ReduceOperation
    ) -> any AllReduceRequest

    /// Splits the group: ranks that give the same `color` form a new one, ordered by `key`, then by old rank
    /// (`MPI_Comm_split`). The new group is called `name`.
    func split(color: Int, key: Int, name: String) throws(CollectiveError) -> any Communicator
}

/// An all-reduce over one place in memory that can be started and awaited many times.
public protocol AllReduceRequest: AnyObject {
    /// Starts the reduction. It must not be under way.
    func start() throws(CollectiveError)

    /// Moves it forward and tells whether it is done; never waits. True if it was not started.
    func test() throws(CollectiveError) -> Bool

    /// Waits until it is done. Returns at once if it was not started.
    func wait() throws(CollectiveError)
}
