public import Memory

/// A communicator that compares, before every collective, what the ranks of the group are about to do.
///
/// Where ranks call different collectives, or the same with other counts or types, or on different groups, MPI hangs or
/// corrupts memory; here they throw an error that names two ranks and their calls. The world is lost then: leave it with
/// `MPI_Abort`. The comparison costs a small message between each two ranks of the group, so programs use it in debug
/// builds only. `send` and `receive` are passed on unchecked, and must not use the highest tag, 32767.
public final class CheckedCommunicator {
    /// The one behind it.
    public let base: any Communicator

    /// What carries the notes of all groups: the communicator that was wrapped first.
    ///
    /// Two ranks hear from each other over it whatever group each of them is in, so that two that are in different groups
    /// do not wait for each other.
    private let world: any Communicator

    /// The ranks of this group, as they are numbered in `world`.
    private let members: [Int]

    /// Messages between two ranks keep their order, so all notes can have one tag; no other message of ours has it.
    private static let noteTag = 32_767

    /// The size of a note in bytes: far below the 4 KiB up to which Open MPI sends without waiting for the receiver.
    private static let noteByteCount = 256

    /// Wraps a communicator; all ranks of the group must do so.
    public convenience init(_ base: any Communicator) {
        self.init(base, world: base, members: Array(0..<base.size))
    }

    private init(_ base: any Communicator, world: any Communicator, members: [Int]) {
        self.base = base
        self.world = world
        self.members = members
    }

    /// Throws unless all ranks of the group are about to make the same call.
    fileprivate func check(_ call: CollectiveCall) throws(CollectiveError) {
        let own = Array("\(call) in \(base.name) \(members)".utf8.prefix(Self.noteByteCount))
        // First all notes go out, then they are read: nobody waits before the others can hear it.
        let note = own + [UInt8](repeating: UInt8(ascii: " "), count: Self.noteByteCount - own.count)
        for member in members where member != world.rank { try world.send(note.span, to: member, tag: Self.noteTag) }
        var calls: [String] = []
        for member in members { calls.append(try text(of: member == world.rank ? note : heard(from: member))) }
        guard let other = calls.firstIndex(where: { $0 != calls[0] }) else { return }
        throw CollectiveError(
            call: call.signature, rank: base.rank, communicator: base.name,
            reason: "rank \(members[0]) calls \(calls[0]) while rank \(members[other]) calls \(calls[other])")
    }

    private func heard(from member: Int) throws(CollectiveError) -> [UInt8] {
        var note = [UInt8](repeating: 0, count: Self.noteByteCount)
        var span = note.mutableSpan
        try world.receive(&span, from: member, tag: Self.noteTag)
        return note
    }

    private func text(of note: [UInt8]) -> String {
        let count = note.lastIndex { $0 != UInt8(ascii: " ") }.map { $0 + 1 } ?? 0
        return String(decoding: note.prefix(count), as: UTF8.self)
    }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension CheckedCommunicator: ForwardingCommunicator {
    public func begin(_ call: CollectiveCall) throws(CollectiveError) {
        switch call.kind {
        case .send, .receive: break
        default: try check(call)
        }
    }

    public func allReduceRequest<T: CollectiveElement>(
        over values: Slice<T>, with operation: ReduceOperation
    ) -> any AllReduceRequest {
        CheckedRequest(
            base.allReduceRequest(over: values, with: operation), of: self,
            CollectiveCall(.startAllReduce(operation), T.self, values.count))
    }

    public func split(color: Int, key: Int, name: String) throws(CollectiveError) -> any Communicator {
        // Ranks of different colors may give different names.
        try check(CollectiveCall(.split))
        let group = try base.split(color: color, key: key, name: name)
        var numbers = [Int64](repeating: 0, count: group.size)
        var span = numbers.mutableSpan
        try group.allGather([Int64(world.rank)].span, into: &span)
        return CheckedCommunicator(group, world: world, members: numbers.map { Int($0) })
    }
}

/// A request whose start is compared with that of the other ranks.
private final class CheckedRequest: AllReduceRequest {
    private let base: any AllReduceRequest
    private let communicator: CheckedCommunicator
    private let call: CollectiveCall

    init(_ base: any AllReduceRequest, of communicator: CheckedCommunicator, _ call: CollectiveCall) {
        self.base = base
        self.communicator = communicator
        self.call = call
    }

    func start() throws(CollectiveError) {
        try communicator.check(call)
        try base.start()
    }

    func test() throws(CollectiveError) -> Bool { try base.test() }

    func wait() throws(CollectiveError) { try base.wait() }
}
