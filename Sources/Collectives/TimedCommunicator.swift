public import Memory
import Synchronization

/// How long a rank has been in collectives: a ``TimedCommunicator`` counts it.
public final class CollectiveTime: Sendable {
    private let state = Mutex((begin: ContinuousClock.Instant?.none, total: Duration.zero))
    private let now: @Sendable () -> ContinuousClock.Instant

    /// Begins at zero, by a clock that is given.
    public init(now: @escaping @Sendable () -> ContinuousClock.Instant) {
        self.now = now
    }

    /// All of it so far: what was sent and received, and the waiting for other ranks.
    public var total: Duration { state.withLock { $0.total } }

    fileprivate func begin() {
        let now = now()
        state.withLock { $0.begin = now }
    }

    fileprivate func end() {
        let now = now()
        state.withLock { state in
            if let begin = state.begin { state.total += begin.duration(to: now) }
            state.begin = nil
        }
    }
}

/// A communicator that counts the time its rank spends in it, so that what the rank does itself can be told from its waiting
/// for others.
///
/// It reads the clock twice a call, which costs some tens of nanoseconds.
public final class TimedCommunicator: ForwardingCommunicator {
    /// The one behind it.
    public let base: any Communicator

    /// What is counted, over all groups that are split from it.
    public let time: CollectiveTime

    /// Wraps a group.
    public init(_ base: any Communicator, counting time: CollectiveTime) {
        self.base = base
        self.time = time
    }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension TimedCommunicator {
    public func begin(_ call: CollectiveCall) { time.begin() }

    public func end(_ call: CollectiveCall) { time.end() }

    public func allReduceRequest<T: CollectiveElement>(
        over values: Slice<T>, with operation: ReduceOperation
    ) -> any AllReduceRequest {
        TimedRequest(base.allReduceRequest(over: values, with: operation), counting: time)
    }

    public func split(color: Int, key: Int, name: String) throws(CollectiveError) -> any Communicator {
        TimedCommunicator(try base.split(color: color, key: key, name: name), counting: time)
    }
}

/// A request of which all but the tests are counted.
private final class TimedRequest: AllReduceRequest {
    private let base: any AllReduceRequest
    private let time: CollectiveTime

    init(_ base: any AllReduceRequest, counting time: CollectiveTime) {
        self.base = base
        self.time = time
    }

    func start() throws(CollectiveError) {
        // Checked communicators wait here: they compare the calls of all ranks.
        time.begin()
        defer { time.end() }
        try base.start()
    }

    func test() throws(CollectiveError) -> Bool { try base.test() }

    func wait() throws(CollectiveError) {
        time.begin()
        defer { time.end() }
        try base.wait()
    }
}
