import CheckpointsTestKit
import Collectives

/// A world in which a rank takes no further part once it is dead.
final class MortalCommunicator: Sendable {
    let base: any Communicator
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
}

extension MortalCommunicator: ForwardingCommunicator {
    func begin(_ call: CollectiveCall) throws(CollectiveError) {
        if case .send = call.kind { onSend(call.byteCount) }
        guard isAlive() else {
            throw CollectiveError(call: "any call", rank: rank, communicator: name, reason: "the rank is dead")
        }
    }

    func split(color: Int, key: Int, name: String) throws(CollectiveError) -> any Communicator {
        try begin(CollectiveCall(.split))
        return try base.split(color: color, key: key, name: name)
    }
}
