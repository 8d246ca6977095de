import Lockstep

/// What the gradient reductions and stop agreements of a rank took, and the switches that leave them out.
///
/// Reductions of Float32 are those of gradients; the agreement is one of Int64. The run knows nothing of all this: it is
/// given another communicator, as it might be in a test.
final class CollectiveMeter {
    /// What a meter tells apart.
    enum Kind { case gradients, agreement }

    /// Which of them are left out at present.
    var silenced: Set<Kind> = []

    /// Seconds inside the calls that start, move and await reductions.
    fileprivate(set) var seconds: [Kind: Double] = [:]

    /// The bytes of the gradients' messages of a step, in order.
    fileprivate(set) var messages: [Int] = []

    fileprivate func time<Result>(
        _ kind: Kind, _ body: () throws(CollectiveError) -> Result
    ) throws(CollectiveError) -> Result {
        let start = ContinuousClock.now
        let result = try body()
        seconds[kind, default: 0] += (ContinuousClock.now - start) / .seconds(1)
        return result
    }
}

/// A communicator whose reductions a meter watches.
final class MeteredCommunicator {
    private let base: any Communicator
    private let meter: CollectiveMeter

    init(_ base: any Communicator, _ meter: CollectiveMeter) {
        self.base = base
        self.meter = meter
    }
}

extension MeteredCommunicator: @unchecked Sendable {
    // Unchecked: as with every communicator, calls are made from one thread.
}

extension MeteredCommunicator: Communicator {
    var name: String { base.name }
    var rank: Int { base.rank }
    var size: Int { base.size }

    func allReduceRequest<T: CollectiveElement>(
        over values: Slice<T>, with operation: ReduceOperation
    ) -> any AllReduceRequest {
        let request = base.allReduceRequest(over: values, with: operation)
        let kind = T.self == Float.self ? CollectiveMeter.Kind.gradients : .agreement
        if kind == .gradients { meter.messages.append(values.count * MemoryLayout<T>.stride) }
        return MeteredRequest(request, kind, meter)
    }

    func split(color: Int, key: Int, name: String) throws(CollectiveError) -> any Communicator {
        MeteredCommunicator(try base.split(color: color, key: key, name: name), meter)
    }

    func barrier() throws(CollectiveError) { try base.barrier() }

    func broadcast<T: CollectiveElement>(_ values: inout MutableSpan<T>, from root: Int) throws(CollectiveError) {
        try base.broadcast(&values, from: root)
    }

    func reduce<T: CollectiveElement>(
        _ values: inout MutableSpan<T>, with operation: ReduceOperation, to root: Int
    ) throws(CollectiveError) {
        try base.reduce(&values, with: operation, to: root)
    }

    func allReduce<T: CollectiveElement>(
        _ values: inout MutableSpan<T>, with operation: ReduceOperation
    ) throws(CollectiveError) {
        try base.allReduce(&values, with: operation)
    }

    func gather<T: CollectiveElement>(
        _ values: Span<T>, into result: inout MutableSpan<T>, to root: Int
    ) throws(CollectiveError) {
        try base.gather(values, into: &result, to: root)
    }

    func allGather<T: CollectiveElement>(
        _ values: Span<T>, into result: inout MutableSpan<T>
    ) throws(CollectiveError) {
        try base.allGather(values, into: &result)
    }

    func reduceScatter<T: CollectiveElement>(
        _ values: Span<T>, into result: inout MutableSpan<T>, with operation: ReduceOperation
    ) throws(CollectiveError) {
        try base.reduceScatter(values, into: &result, with: operation)
    }

    func send<T: CollectiveElement>(_ values: Span<T>, to rank: Int, tag: Int) throws(CollectiveError) {
        try base.send(values, to: rank, tag: tag)
    }

    func receive<T: CollectiveElement>(
        _ values: inout MutableSpan<T>, from rank: Int, tag: Int
    ) throws(CollectiveError) {
        try base.receive(&values, from: rank, tag: tag)
    }
}

/// A request that is timed, or left out on all ranks alike.
private final class MeteredRequest: AllReduceRequest {
    private let base: any AllReduceRequest
    private let kind: CollectiveMeter.Kind
    private let meter: CollectiveMeter

    init(_ base: any AllReduceRequest, _ kind: CollectiveMeter.Kind, _ meter: CollectiveMeter) {
        self.base = base
        self.kind = kind
        self.meter = meter
    }

    func start() throws(CollectiveError) {
        guard !meter.silenced.contains(kind) else { return }
        try meter.time(kind) { () throws(CollectiveError) in try base.start() }
    }

    func test() throws(CollectiveError) -> Bool {
        guard !meter.silenced.contains(kind) else { return true }
        return try meter.time(kind) { () throws(CollectiveError) in try base.test() }
    }

    func wait() throws(CollectiveError) {
        guard !meter.silenced.contains(kind) else { return }
        try meter.time(kind) { () throws(CollectiveError) in try base.wait() }
    }
}
