public import Memory

/// A communicator that compares, before every collective, what the ranks of the group are about to do.
///
/// Where ranks call different collectives, or the same with other counts or types, MPI hangs or corrupts memory; here all
/// of them throw an error that names two ranks and their calls. The comparison costs a collective of its own, so programs
/// use it in debug builds only. `send` and `receive` are passed on unchecked.
public final class CheckedCommunicator {
    private let base: any Communicator

    /// Wraps a communicator; all ranks of the group must do so.
    public init(_ base: any Communicator) {
        self.base = base
    }

    /// Throws on all ranks unless they all are about to make the same call.
    fileprivate func check(_ call: String, _ kind: CollectiveElementKind?, _ detail: Int) throws(CollectiveError) {
        let own = kind.map { "\(call)(\(detail) × \($0))" } ?? "\(call)(\(detail))"
        let calls = try base.allGather(Array(own.utf8))
        guard let other = calls.firstIndex(where: { $0 != calls[0] }) else { return }
        let texts = [calls[0], calls[other]].map { String(decoding: $0, as: UTF8.self) }
        throw CollectiveError(
            call: call, rank: base.rank, communicator: base.name,
            reason: "rank 0 calls \(texts[0]) while rank \(other) calls \(texts[1])")
    }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension CheckedCommunicator: Communicator {
    public var name: String { base.name }
    public var rank: Int { base.rank }
    public var size: Int { base.size }

    public func barrier() throws(CollectiveError) {
        try check("barrier", nil, 0)
        try base.barrier()
    }

    public func broadcast<T: CollectiveElement>(
        _ values: inout MutableSpan<T>, from root: Int
    ) throws(CollectiveError) {
        try check("broadcast from \(root)", T.kind, values.count)
        try base.broadcast(&values, from: root)
    }

    public func reduce<T: CollectiveElement>(
        _ values: inout MutableSpan<T>, with operation: ReduceOperation, to root: Int
    ) throws(CollectiveError) {
        try check("reduce by \(operation) to \(root)", T.kind, values.count)
        try base.reduce(&values, with: operation, to: root)
    }

    public func allReduce<T: CollectiveElement>(
        _ values: inout MutableSpan<T>, with operation: ReduceOperation
    ) throws(CollectiveError) {
        try check("allReduce by \(operation)", T.kind, values.count)
        try base.allReduce(&values, with: operation)
    }

    public func gather<T: CollectiveElement>(
        _ values: Span<T>, into result: inout MutableSpan<T>, to root: Int
    ) throws(CollectiveError) {
        try check("gather to \(root)", T.kind, values.count)
        try base.gather(values, into: &result, to: root)
    }

    public func allGather<T: CollectiveElement>(
        _ values: Span<T>, into result: inout MutableSpan<T>
    ) throws(CollectiveError) {
        try check("allGather", T.kind, values.count)
        try base.allGather(values, into: &result)
    }

    public func reduceScatter<T: CollectiveElement>(
        _ values: Span<T>, into result: inout MutableSpan<T>, with operation: ReduceOperation
    ) throws(CollectiveError) {
        try check("reduceScatter by \(operation)", T.kind, values.count)
        try base.reduceScatter(values, into: &result, with: operation)
    }

    public func send<T: CollectiveElement>(_ values: Span<T>, to rank: Int, tag: Int) throws(CollectiveError) {
        try base.send(values, to: rank, tag: tag)
    }

    public func receive<T: CollectiveElement>(
        _ values: inout MutableSpan<T>, from rank: Int, tag: Int
    ) throws(CollectiveError) {
        try base.receive(&values, from: rank, tag: tag)
    }

    public func allReduceRequest<T: CollectiveElement>(
        over values: Slice<T>, with operation: ReduceOperation
    ) -> any AllReduceRequest {
        CheckedRequest(
            base.allReduceRequest(over: values, with: operation), of: self, "start allReduce by \(operation)", T.kind,
            values.count)
    }

    public func split(color: Int, key: Int, name: String) throws(CollectiveError) -> any Communicator {
        try check("split into \(name)", nil, 0)
        return CheckedCommunicator(try base.split(color: color, key: key, name: name))
    }
}

/// A request whose start is compared with that of the other ranks.
private final class CheckedRequest: AllReduceRequest {
    private let base: any AllReduceRequest
    private let communicator: CheckedCommunicator
    private let call: String
    private let kind: CollectiveElementKind
    private let count: Int

    init(
        _ base: any AllReduceRequest, of communicator: CheckedCommunicator, _ call: String,
        _ kind: CollectiveElementKind, _ count: Int
    ) {
        self.base = base
        self.communicator = communicator
        self.call = call
        self.kind = kind
        self.count = count
    }

    func start() throws(CollectiveError) {
        try communicator.check(call, kind, count)
        try base.start()
    }

    func test() throws(CollectiveError) -> Bool { try base.test() }

    func wait() throws(CollectiveError) { try base.wait() }
}
