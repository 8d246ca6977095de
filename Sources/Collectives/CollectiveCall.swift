/// A call of a ``Communicator``, as one in front of it sees it.
public struct CollectiveCall: Sendable, CustomStringConvertible {
    /// What is called.
    public enum Kind: Sendable {
        case barrier, allGather, split
        case broadcast(from: Int)
        case reduce(ReduceOperation, to: Int)
        case allReduce(ReduceOperation)
        case gather(to: Int)
        case reduceScatter(ReduceOperation)
        case send(to: Int)
        case receive(from: Int)
        /// The start of a request.
        case startAllReduce(ReduceOperation)
    }

    /// What is called.
    public let kind: Kind

    /// The type of the values; nil for a call without any.
    public let element: CollectiveElementKind?

    /// How many values this rank gives, or gets from the root.
    public let count: Int

    /// The size of them in bytes.
    public let byteCount: Int

    /// Describes a call without values.
    public init(_ kind: Kind) {
        self.kind = kind
        element = nil
        count = 0
        byteCount = 0
    }

    /// Describes a call with values.
    public init<T: CollectiveElement>(_ kind: Kind, _ type: T.Type, _ count: Int) {
        self.kind = kind
        element = T.kind
        self.count = count
        byteCount = count * MemoryLayout<T>.stride
    }

    /// The function's name. No text is made for it: a watchdog notes each call.
    public var name: StaticString {
        switch kind {
        case .barrier: "barrier"
        case .broadcast: "broadcast"
        case .reduce: "reduce"
        case .allReduce, .startAllReduce: "allReduce"
        case .gather: "gather"
        case .allGather: "allGather"
        case .reduceScatter: "reduceScatter"
        case .send: "send"
        case .receive: "receive"
        case .split: "split"
        }
    }

    /// The function and its arguments without the values: what ranks that call the same have alike.
    public var signature: String {
        switch kind {
        case .barrier, .allGather, .split: "\(name)"
        case .broadcast(let root): "\(name) from \(root)"
        case .reduce(let operation, let root): "\(name) by \(operation) to \(root)"
        case .allReduce(let operation), .reduceScatter(let operation): "\(name) by \(operation)"
        case .gather(let root), .send(let root): "\(name) to \(root)"
        case .receive(let rank): "\(name) from \(rank)"
        case .startAllReduce(let operation): "start \(name) by \(operation)"
        }
    }

    /// As in "broadcast from 0 of 16 float32".
    public var description: String { element.map { "\(signature) of \(count) \($0)" } ?? signature }
}
