import Synchronization

/// Which collective a rank is in, for other threads to look at: a ``WatchedCommunicator`` writes it.
public final class CollectiveLog: Sendable {
    /// A call that a rank waits in.
    public struct Call: Codable, Hashable, Sendable {
        /// What is done, such as "allReduce".
        public let name: String

        /// The name of the group.
        public let group: String

        /// The ranks of the group, by their numbers in the world, in the order of the group.
        public let members: [Int]

        /// Describes a call.
        public init(name: String, group: String, members: [Int]) {
            self.name = name
            self.group = group
            self.members = members
        }
    }

    private struct State {
        var begun = 0
        var name: StaticString?
        var group: Group?
    }

    /// A group, made once, so that noting a call copies nothing.
    final class Group: Sendable {
        let name: String
        let members: [Int]

        init(_ name: String, members: [Int]) {
            self.name = name
            self.members = members
        }
    }

    private let state = Mutex(State())

    /// Makes a log in which nothing stands.
    public init() {}

    /// How many collectives the rank has begun. Ranks that do the same count the same: the lowest is behind.
    public var begun: Int { state.withLock { $0.begun } }

    /// The call that the rank waits in; nil if it does something else.
    public var current: Call? {
        state.withLock { state in
            guard let name = state.name, let group = state.group else { return nil }
            return Call(name: name.description, group: group.name, members: group.members)
        }
    }

    /// Notes a call as begun, and that the rank is in it.
    func begin(_ name: StaticString, on group: Group) {
        state.withLock { state in
            state.begun += 1
            (state.name, state.group) = (name, group)
        }
    }

    /// Notes that the rank waits for a call begun earlier.
    func wait(for name: StaticString, on group: Group) {
        state.withLock { state in (state.name, state.group) = (name, group) }
    }

    /// Notes that the rank is in no call any more.
    func end() {
        state.withLock { state in (state.name, state.group) = (nil, nil) }
    }
}
