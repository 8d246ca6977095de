import CheckpointsTestKit
import Collectives
import Memory

/// A world in which a rank takes no further part once it is dead.
final class MortalCommunicator: Sendable {
    private let base: any Communicator
    private let isAlive: @Sendable () -> Bool
    private let onSend: @Sendable (_ byteCount: Int) -> Void

    /// Asks `isAlive` at every call, and tells the size of every message.
    init(
        _ base: any Communicator, onSend: @escaping @Sendable (_ byteCount: Int) -> Void = { _ in },
        isAlive: @escaping @Sendable () -> Bool
    ) {
        self.base = base
        self.onSend = onSend
        self.isAlive = isAlive
    }

    /// A rank dies when its file system says that the process is dead.
    convenience init(_ base: any Communicator, _ fileSystem: FaultyFileSystem) {
        self.init(base) { !fileSystem.isDead }
    }

    private func live() throws(CollectiveError) -> any Communicator {
        guard isAlive() else {
            throw CollectiveError(call: "any call", rank: rank, communicator: name, reason: "the rank is dead")
        }
        return base
    }
}

extension MortalCommunicator: Communicator {
    var name: String { base.name }
    var rank: Int { base.rank }
    var size: Int { base.size }

    func barrier() throws(CollectiveError) { try live().barrier() }

    func broadcast<T: CollectiveElement>(_ values: inout MutableSpan<T>, from root: Int) throws(CollectiveError) {
        try live().broadcast(&values, from: root)
    }

    func reduce<T: CollectiveElement>(
        _ values: inout MutableSpan<T>, with operation: ReduceOperation, to root: Int
    ) throws(CollectiveError) {
        try live().reduce(&values, with: operation, to: root)
    }

    func allReduce<T: CollectiveElement>(
        _ values: inout MutableSpan<T>, with operation: ReduceOperation
    ) throws(CollectiveError) {
        try live().allReduce(&values, with: operation)
    }

    func gather<T: CollectiveElement>(
        _ values: Span<T>, into result: inout MutableSpan<T>, to root: Int
    ) throws(CollectiveError) {
        try live().gather(values, into: &result, to: root)
    }

    func allGather<T: CollectiveElement>(
        _ values: Span<T>, into result: inout MutableSpan<T>
    ) throws(CollectiveError) {
        try live().allGather(values, into: &result)
    }

    func reduceScatter<T: CollectiveElement>(
        _ values: Span<T>, into result: inout MutableSpan<T>, with operation: ReduceOperation
    ) throws(CollectiveError) {
        try live().reduceScatter(values, into: &result, with: operation)
    }

    func send<T: CollectiveElement>(_ values: Span<T>, to rank: Int, tag: Int) throws(CollectiveError) {
        onSend(values.count * MemoryLayout<T>.stride)
        try live().send(values, to: rank, tag: tag)
    }

    func receive<T: CollectiveElement>(
        _ values: inout MutableSpan<T>, from rank: Int, tag: Int
    ) throws(CollectiveError) {
        try live().receive(&values, from: rank, tag: tag)
    }

    func allReduceRequest<T: CollectiveElement>(
        over values: Slice<T>, with operation: ReduceOperation
    ) -> any AllReduceRequest {
        base.allReduceRequest(over: values, with: operation)
    }

    func split(color: Int, key: Int, name: String) throws(CollectiveError) -> any Communicator {
        try live().split(color: color, key: key, name: name)
    }
}
