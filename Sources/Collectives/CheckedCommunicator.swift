public import Memory

/// A communicator that compares, before every collective, what the ranks of the group are about to do.
///
/// Where ranks call different collectives, or the same with other counts or types, or on different groups, MPI hangs or
/// corrupts memory; here they throw an error that names two ranks and their calls. The world is lost then: leave it with
/// `MPI_Abort`. The comparison costs a small message between each two ranks of the group, so programs use it in debug
/// builds only. `send` and `receive` are passed on unchecked, and must not use the highest tag, 32767.
public final class CheckedCommunicator {
    private let base: any Communicator

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
    fileprivate func check(
        _ call: String, _ kind: CollectiveElementKind? = nil, _ count: Int = 0
    ) throws(CollectiveError) {
        let what = kind.map { "\(call) of \(count) \($0)" } ?? call
        let own = Array("\(what) in \(base.name) \(members)".utf8.prefix(Self.noteByteCount))
        // First all notes go out, then they are read: nobody waits before the others can hear it.
        let note = own + [UInt8](repeating: UInt8(ascii: " "), count: Self.noteByteCount - own.count)
        for member in members where member != world.rank { try world.send(note.span, to: member, tag: Self.noteTag) }
        var calls: [String] = []
        for member in members { calls.append(try text(of: member == world.rank ? note : heard(from: member))) }
        guard let other = calls.firstIndex(where: { $0 != calls[0] }) else { return }
        throw CollectiveError(
            call: call, rank: base.rank, communicator: base.name,
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
extension CheckedCommunicator: Communicator {
    public var name: String { base.name }
    public var rank: Int { base.rank }
    public var size: Int { base.size }

    public func barrier() throws(CollectiveError) {
        try check("barrier")
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
        // Ranks of different colors may give different names.
        try check("split")
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
