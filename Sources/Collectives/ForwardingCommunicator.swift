public import Memory

/// A communicator in front of another one, which makes the calls that this one does not make itself.
///
/// Every call is announced by ``begin(_:)`` and ended by ``end(_:)``. A conforming type writes these, `split`, which decides what
/// groups are, and `allReduceRequest` if starting and awaiting a request are of interest to it.
public protocol ForwardingCommunicator: Communicator {
    /// The one behind it.
    var base: any Communicator { get }

    /// Called before each call; what it throws is thrown in place of the call.
    func begin(_ call: CollectiveCall) throws(CollectiveError)

    /// Called after each call that was begun, also after one that throws.
    func end(_ call: CollectiveCall)
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension ForwardingCommunicator {
    public var name: String { base.name }
    public var rank: Int { base.rank }
    public var size: Int { base.size }

    public func end(_ call: CollectiveCall) {}

    public func barrier() throws(CollectiveError) {
        let call = CollectiveCall(.barrier)
        try begin(call)
        defer { end(call) }
        try base.barrier()
    }

    public func broadcast<T: CollectiveElement>(
        _ values: inout MutableSpan<T>, from root: Int
    ) throws(CollectiveError) {
        let call = CollectiveCall(.broadcast(from: root), T.self, values.count)
        try begin(call)
        defer { end(call) }
        try base.broadcast(&values, from: root)
    }

    public func reduce<T: CollectiveElement>(
        _ values: inout MutableSpan<T>, with operation: ReduceOperation, to root: Int
    ) throws(CollectiveError) {
        let call = CollectiveCall(.reduce(operation, to: root), T.self, values.count)
        try begin(call)
        defer { end(call) }
        try base.reduce(&values, with: operation, to: root)
    }

    public func allReduce<T: CollectiveElement>(
        _ values: inout MutableSpan<T>, with operation: ReduceOperation
    ) throws(CollectiveError) {
        let call = CollectiveCall(.allReduce(operation), T.self, values.count)
        try begin(call)
        defer { end(call) }
        try base.allReduce(&values, with: operation)
    }

    public func gather<T: CollectiveElement>(
        _ values: Span<T>, into result: inout MutableSpan<T>, to root: Int
    ) throws(CollectiveError) {
        let call = CollectiveCall(.gather(to: root), T.self, values.count)
        try begin(call)
        defer { end(call) }
        try base.gather(values, into: &result, to: root)
    }

    public func allGather<T: CollectiveElement>(
        _ values: Span<T>, into result: inout MutableSpan<T>
    ) throws(CollectiveError) {
        let call = CollectiveCall(.allGather, T.self, values.count)
        try begin(call)
        defer { end(call) }
        try base.allGather(values, into: &result)
    }

    public func reduceScatter<T: CollectiveElement>(
        _ values: Span<T>, into result: inout MutableSpan<T>, with operation: ReduceOperation
    ) throws(CollectiveError) {
        let call = CollectiveCall(.reduceScatter(operation), T.self, values.count)
        try begin(call)
        defer { end(call) }
        try base.reduceScatter(values, into: &result, with: operation)
    }

    public func send<T: CollectiveElement>(_ values: Span<T>, to rank: Int, tag: Int) throws(CollectiveError) {
        let call = CollectiveCall(.send(to: rank), T.self, values.count)
        try begin(call)
        defer { end(call) }
        try base.send(values, to: rank, tag: tag)
    }

    public func receive<T: CollectiveElement>(
        _ values: inout MutableSpan<T>, from rank: Int, tag: Int
    ) throws(CollectiveError) {
        let call = CollectiveCall(.receive(from: rank), T.self, values.count)
        try begin(call)
        defer { end(call) }
        try base.receive(&values, from: rank, tag: tag)
    }

    public func allReduceRequest<T: CollectiveElement>(
        over values: Slice<T>, with operation: ReduceOperation
    ) -> any AllReduceRequest {
        base.allReduceRequest(over: values, with: operation)
    }
}
