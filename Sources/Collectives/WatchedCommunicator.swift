public import Memory

/// A communicator that notes every call in a ``CollectiveLog``, so that a watchdog can say what a rank waits for.
///
/// Noting costs some tens of nanoseconds a call.
public final class WatchedCommunicator {
    /// The one behind it.
    public let base: any Communicator
    private let log: CollectiveLog
    private let group: CollectiveLog.Group

    /// Wraps a world. All its ranks must do so, as groups split from it find out who their members are.
    public convenience init(_ world: any Communicator, log: CollectiveLog) {
        self.init(world, members: Array(0..<world.size), log: log)
    }

    private init(_ base: any Communicator, members: [Int], log: CollectiveLog) {
        self.base = base
        self.log = log
        group = CollectiveLog.Group(base.name, members: members)
    }

    fileprivate func begin(_ name: StaticString) { log.begin(name, on: group) }

    fileprivate func wait(for name: StaticString) { log.wait(for: name, on: group) }

    fileprivate func end() { log.end() }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension WatchedCommunicator: ForwardingCommunicator {
    public func begin(_ call: CollectiveCall) {
        switch call.kind {
        // Two ranks alone do them, so they are not counted.
        case .send, .receive: wait(for: call.name)
        default: begin(call.name)
        }
    }

    public func end(_ call: CollectiveCall) { end() }

    public func allReduceRequest<T: CollectiveElement>(
        over values: Slice<T>, with operation: ReduceOperation
    ) -> any AllReduceRequest {
        WatchedRequest(base.allReduceRequest(over: values, with: operation), of: self)
    }

    public func split(color: Int, key: Int, name: String) throws(CollectiveError) -> any Communicator {
        begin("split")
        defer { end() }
        let part = try base.split(color: color, key: key, name: name)
        var members = [Int64](repeating: 0, count: part.size)
        var span = members.mutableSpan
        try part.allGather([Int64(group.members[rank])].span, into: &span)
        return WatchedCommunicator(part, members: members.map { Int($0) }, log: log)
    }
}

/// A request whose start counts, and in whose end a rank waits.
private final class WatchedRequest: AllReduceRequest {
    private let base: any AllReduceRequest
    private let communicator: WatchedCommunicator

    init(_ base: any AllReduceRequest, of communicator: WatchedCommunicator) {
        self.base = base
        self.communicator = communicator
    }

    func start() throws(CollectiveError) {
        // Checked communicators compare the calls of all ranks here.
        communicator.begin("allReduce")
        defer { communicator.end() }
        try base.start()
    }

    func test() throws(CollectiveError) -> Bool { try base.test() }

    func wait() throws(CollectiveError) {
        communicator.wait(for: "allReduce")
        defer { communicator.end() }
        try base.wait()
    }
}
