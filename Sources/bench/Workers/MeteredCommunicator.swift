import Lockstep

/// What the gradient reductions and stop agreements of a rank took, and the switches that leave them out.
///
/// Reductions that are started and awaited are those of gradients; the agreement is a blocking one. The run knows nothing
/// of all this: it is given another communicator, as it might be in a test.
final class CollectiveMeter {
    /// What a meter tells apart.
    enum Kind { case gradients, agreement }

    /// Which of them are left out at present.
    var silenced: Set<Kind> = []

    /// Whether ranks meet at a barrier where they would await gradients that are left out: the time in it is what the
    /// faster ranks wait for the slowest.
    var meetsInstead = false

    /// Seconds inside their calls, or in the barriers instead.
    fileprivate(set) var seconds: [Kind: Double] = [:]

    /// The bytes of the gradients' messages of a step, in order.
    fileprivate(set) var messages: [Int] = []

    fileprivate func note(_ kind: Kind, since start: ContinuousClock.Instant) {
        seconds[kind, default: 0] += (ContinuousClock.now - start) / .seconds(1)
    }
}

/// A communicator whose reductions a meter watches.
final class MeteredCommunicator {
    let base: any Communicator
    private let meter: CollectiveMeter

    init(_ base: any Communicator, _ meter: CollectiveMeter) {
        self.base = base
        self.meter = meter
    }
}

extension MeteredCommunicator: @unchecked Sendable {
    // Unchecked: as with every communicator, calls are made from one thread.
}

extension MeteredCommunicator: ForwardingCommunicator {
    func begin(_ call: CollectiveCall) {}

    func allReduceRequest<T: CollectiveElement>(
        over values: Slice<T>, with operation: ReduceOperation
    ) -> any AllReduceRequest {
        let request = base.allReduceRequest(over: values, with: operation)
        meter.messages.append(values.count * MemoryLayout<T>.stride)
        return MeteredRequest(request, meter, on: base)
    }

    func split(color: Int, key: Int, name: String) throws(CollectiveError) -> any Communicator {
        MeteredCommunicator(try base.split(color: color, key: key, name: name), meter)
    }

    func allReduce<T: CollectiveElement>(
        _ values: inout MutableSpan<T>, with operation: ReduceOperation
    ) throws(CollectiveError) {
        // No other reduction has two words.
        guard T.self == Int64.self, values.count == 2 else { return try base.allReduce(&values, with: operation) }
        guard !meter.silenced.contains(.agreement) else { return }
        let start = ContinuousClock.now
        try base.allReduce(&values, with: operation)
        meter.note(.agreement, since: start)
    }
}

/// A reduction of gradients that is timed, or left out on all ranks alike.
private final class MeteredRequest: AllReduceRequest {
    private let base: any AllReduceRequest
    private let meter: CollectiveMeter
    private let group: any Communicator

    init(_ base: any AllReduceRequest, _ meter: CollectiveMeter, on group: any Communicator) {
        self.base = base
        self.meter = meter
        self.group = group
    }

    private var isLeftOut: Bool { meter.silenced.contains(.gradients) }

    func start() throws(CollectiveError) {
        guard !isLeftOut else { return }
        let start = ContinuousClock.now
        try base.start()
        meter.note(.gradients, since: start)
    }

    func test() throws(CollectiveError) -> Bool {
        guard !isLeftOut else { return !meter.meetsInstead }
        let start = ContinuousClock.now
        let isDone = try base.test()
        meter.note(.gradients, since: start)
        return isDone
    }

    func wait() throws(CollectiveError) {
        guard !isLeftOut || meter.meetsInstead else { return }
        let start = ContinuousClock.now
        if isLeftOut { try group.barrier() } else { try base.wait() }
        meter.note(.gradients, since: start)
    }
}
