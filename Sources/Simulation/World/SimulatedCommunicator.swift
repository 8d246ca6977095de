import Collectives
import Memory
import SurroundingsTestKit

/// A group of simulated ranks, seen from one of them. Values are combined in the order of ranks.
final class SimulatedCommunicator: @unchecked Sendable {
    // Unchecked: used by the threads of its rank alone, one at a time.
    let group: Group
    let rank: Int
    let exchange: Exchange
    private var callCount = 0

    init(_ group: Group, rank: Int, on exchange: Exchange) {
        self.group = group
        self.rank = rank
        self.exchange = exchange
    }

    /// Brings values to the next collective, without waiting. Calls that do not match are an error on the rank that comes later.
    func enter(_ call: CollectiveCall, with values: Buffer) throws(CollectiveError) -> Seat {
        callCount += 1
        let meeting = group.meetings[callCount] ?? Meeting(call, from: rank, size: size)
        group.meetings[callCount] = meeting
        guard meeting.call.matches(call) else {
            throw failed(
                call, "rank \(group.members[meeting.firstRank]) calls \(meeting.call) where this rank calls \(call)")
        }
        meeting.arrive(rank, with: values, in: exchange, group)
        return Seat(meeting: meeting, number: callCount)
    }

    /// Waits until all has come that this rank needs.
    func wait(in seat: Seat, for need: Meeting.Need, _ call: CollectiveCall) {
        guard !seat.meeting.has(need) else { return exchange.scheduler.stepAside() }
        seat.meeting.wait(exchange.scheduler.current, rank, for: need)
        exchange.wait(in: call, of: group, rank: rank) { [group] in
            if case .one(let root) = need { return [group.members[root]] }
            return seat.meeting.missing.map { group.members[$0] }
        }
    }

    /// Leaves a collective for good.
    func leave(_ seat: Seat) {
        if seat.meeting.leave() { group.meetings[seat.number] = nil }
    }

    /// A rank's place in a collective.
    struct Seat {
        let meeting: Meeting
        let number: Int
    }

    func failed(_ call: CollectiveCall, _ reason: String) -> CollectiveError {
        CollectiveError(call: "\(call.name)", rank: rank, communicator: name, reason: reason)
    }

    func checkPeer(_ peer: Int, _ call: CollectiveCall) throws(CollectiveError) {
        guard !(0..<size).contains(peer) else { return }
        throw failed(call, "there is no rank \(peer) in a group of \(size)")
    }
}

extension CollectiveCall {
    /// Whether ranks that make these calls are in the same collective. How many values a rank has is of interest to calls alone
    /// that combine them.
    fileprivate func matches(_ other: CollectiveCall) -> Bool {
        signature == other.signature && element == other.element && count == other.count
    }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension SimulatedCommunicator: Communicator {
    var name: String { group.name }
    var size: Int { group.members.count }

    func send<T: CollectiveElement>(_ values: Span<T>, to rank: Int, tag: Int) throws(CollectiveError) {
        let call = CollectiveCall(.send(to: rank), T.self, values.count)
        try checkPeer(rank, call)
        exchange.post(
            "\(values.count) \(T.kind)", Slice(copying: values).buffer, to: key(from: self.rank, to: rank, tag),
            in: group)
    }

    func receive<T: CollectiveElement>(
        _ values: inout MutableSpan<T>, from rank: Int, tag: Int
    ) throws(CollectiveError) {
        let call = CollectiveCall(.receive(from: rank), T.self, values.count)
        try checkPeer(rank, call)
        let mail = exchange.take(key(from: rank, to: self.rank, tag), in: group, call)
        guard mail.content == "\(values.count) \(T.kind)" else {
            throw failed(call, "rank \(rank) sent \(mail.content) where \(values.count) \(T.kind) were expected")
        }
        values.fill(from: mail.values)
    }

    private func key(from sender: Int, to receiver: Int, _ tag: Int) -> Exchange.MailKey {
        Exchange.MailKey(group: ObjectIdentifier(group), sender: sender, receiver: receiver, tag: tag)
    }

    func split(color: Int, key: Int, name: String) throws(CollectiveError) -> any Communicator {
        precondition(color >= 0, "color \(color) is negative")
        var members: [Int] = []
        try meet(CollectiveCall(.split), Slice(copying: [Int64(color), Int64(key)].span), .all) {
            members = $0.parts[color] ?? []
        }
        let groupKey = GroupKey(parent: ObjectIdentifier(group), call: callCount, color: color)
        let part = exchange.group(groupKey, name: name) { members.map { group.members[$0] } }
        return SimulatedCommunicator(part, rank: members.firstIndex(of: rank) ?? 0, on: exchange)
    }

    func allReduceRequest<T: CollectiveElement>(
        over values: Slice<T>, with operation: ReduceOperation
    ) -> any AllReduceRequest {
        SimulatedRequest(over: values, with: operation, on: self)
    }
}
