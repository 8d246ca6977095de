public import Memory

/// A world of one rank: every collective is a copy or nothing at all.
public final class SoloCommunicator {
    /// What the group is called in messages.
    public let name: String

    /// Makes a world of one.
    public init(name: String = "world") {
        self.name = name
    }

    private func copy<T: CollectiveElement>(_ values: Span<T>, to result: inout MutableSpan<T>) {
        precondition(values.count == result.count, "\(values.count) values do not fill \(result.count)")
        for index in values.indices { result[index] = values[index] }
    }

    private func noPeer(_ call: String, _ peer: Int) -> CollectiveError {
        CollectiveError(call: call, rank: 0, communicator: name, reason: "there is no rank \(peer) in a world of one")
    }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension SoloCommunicator: Communicator {
    public var rank: Int { 0 }
    public var size: Int { 1 }

    public func barrier() {}

    public func broadcast<T: CollectiveElement>(_ values: inout MutableSpan<T>, from root: Int) {}

    public func reduce<T: CollectiveElement>(
        _ values: inout MutableSpan<T>, with operation: ReduceOperation, to root: Int
    ) {}

    public func allReduce<T: CollectiveElement>(_ values: inout MutableSpan<T>, with operation: ReduceOperation) {}

    public func gather<T: CollectiveElement>(_ values: Span<T>, into result: inout MutableSpan<T>, to root: Int) {
        copy(values, to: &result)
    }

    public func allGather<T: CollectiveElement>(_ values: Span<T>, into result: inout MutableSpan<T>) {
        copy(values, to: &result)
    }

    public func reduceScatter<T: CollectiveElement>(
        _ values: Span<T>, into result: inout MutableSpan<T>, with operation: ReduceOperation
    ) {
        copy(values, to: &result)
    }

    public func send<T: CollectiveElement>(_ values: Span<T>, to rank: Int, tag: Int) throws(CollectiveError) {
        throw noPeer("send", rank)
    }

    public func receive<T: CollectiveElement>(
        _ values: inout MutableSpan<T>, from rank: Int, tag: Int
    ) throws(CollectiveError) {
        throw noPeer("receive", rank)
    }

    public func allReduceRequest<T: CollectiveElement>(
        over values: Slice<T>, with operation: ReduceOperation
    ) -> any AllReduceRequest {
        FinishedRequest()
    }

    public func split(color: Int, key: Int, name: String) -> any Communicator {
        SoloCommunicator(name: name)
    }
}

/// The reduction over one rank: always done.
private final class FinishedRequest: AllReduceRequest {
    func start() {}
    func test() -> Bool { true }
    func wait() {}
}
