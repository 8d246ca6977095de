import Collectives
import Memory

/// A group of ranks that are threads, seen from one of them.
final class ThreadCommunicator: @unchecked Sendable {
    // Unchecked: used by the one thread of its rank; what is shared with others lies in `exchange`.
    let name: String
    let rank: Int
    let members: [Int]
    let exchange: ThreadExchange

    /// Tells groups apart whatever they are called: how the group came from the world.
    let group: String
    private var callCount = 0

    init(on exchange: ThreadExchange, group: String, name: String? = nil, members: [Int], rank: Int) {
        self.exchange = exchange
        self.group = group
        self.name = name ?? group
        self.members = members
        self.rank = rank
    }

    /// A place in the next collective.
    func takeSeat() -> ThreadSeat {
        callCount += 1
        return ThreadSeat(
            key: ThreadMeeting.Key(group: group, number: callCount), name: name, rank: rank, members: members)
    }

    /// Gives `values` to all ranks and returns what each rank gave.
    func exchangeAll<T: CollectiveElement>(
        _ call: ThreadCall, _ values: Span<T>
    ) throws(CollectiveError) -> [[T]] {
        let seat = takeSeat()
        do throws(ThreadFailure) {
            try exchange.arrive(seat, call, Self.copy(values))
            let contributions = try exchange.collect(seat, call, waits: true) ?? []
            return contributions.map(Self.elements)
        } catch {
            throw failed(call, error.reason)
        }
    }

    static func copy<T: CollectiveElement>(_ values: Span<T>) -> Buffer {
        let copy = Slice<T>(zeros: values.count)
        var elements = copy.mutableSpan
        for index in values.indices { elements[index] = values[index] }
        return copy.buffer
    }

    static func elements<T: CollectiveElement>(of buffer: Buffer) -> [T] {
        let slice = Slice<T>(of: buffer, count: buffer.byteCount / MemoryLayout<T>.stride)
        let span = slice.span
        var elements: [T] = []
        elements.reserveCapacity(span.count)
        for index in span.indices { elements.append(span[index]) }
        return elements
    }

    func failed(_ call: ThreadCall, _ reason: String) -> CollectiveError {
        CollectiveError(call: call.name, rank: rank, communicator: name, reason: reason)
    }

    func checkPeer(_ peer: Int, _ call: ThreadCall) throws(CollectiveError) {
        guard !(0..<size).contains(peer) else { return }
        throw failed(call, "there is no rank \(peer) in a group of \(size)")
    }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension ThreadCommunicator: Communicator {
    var size: Int { members.count }

    func send<T: CollectiveElement>(_ values: Span<T>, to rank: Int, tag: Int) throws(CollectiveError) {
        let call = ThreadCall("send", "\(values.count) \(T.kind), to: \(rank), tag: \(tag)")
        try checkPeer(rank, call)
        let key = ThreadMessage.Key(group: group, sender: self.rank, receiver: rank, tag: tag)
        do throws(ThreadFailure) {
            try exchange.post(
                ThreadMessage(content: "\(values.count) \(T.kind)", values: Self.copy(values)), to: key)
        } catch {
            throw failed(call, error.reason)
        }
    }

    func receive<T: CollectiveElement>(
        _ values: inout MutableSpan<T>, from rank: Int, tag: Int
    ) throws(CollectiveError) {
        let content = "\(values.count) \(T.kind)"
        let call = ThreadCall("receive", "\(content), from: \(rank), tag: \(tag)")
        try checkPeer(rank, call)
        let key = ThreadMessage.Key(group: group, sender: rank, receiver: self.rank, tag: tag)
        let message: ThreadMessage
        do throws(ThreadFailure) {
            message = try exchange.take(key, by: members[self.rank], from: members[rank], call)
        } catch {
            throw failed(call, error.reason)
        }
        guard message.content == content else {
            throw failed(call, "rank \(rank) sent \(message.content) where \(content) were expected")
        }
        fill(&values, from: Self.elements(of: message.values))
    }

    func split(color: Int, key: Int, name: String) throws(CollectiveError) -> any Communicator {
        precondition(color >= 0, "color \(color) is negative")
        let answers = try exchangeAll(ThreadCall("split"), [Int64(color), Int64(key)].span)
        let members = answers.indices
            .filter { answers[$0][0] == color }
            .sorted { (answers[$0][1], $0) < (answers[$1][1], $1) }
        return ThreadCommunicator(
            on: exchange, group: "\(group)/\(callCount):\(color)", name: name,
            members: members.map { self.members[$0] },
            rank: members.firstIndex(of: rank) ?? 0)
    }

    func allReduceRequest<T: CollectiveElement>(
        over values: Slice<T>, with operation: ReduceOperation
    ) -> any AllReduceRequest {
        ThreadAllReduceRequest(over: values, with: operation, on: self)
    }
}
