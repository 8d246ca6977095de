public import Files
import Glibc
import Synchronization

/// Asks for a stop when the process that started the ranks is gone: nobody would then end this process, or start it again.
///
/// Make it when the program begins: a launcher that is gone by then cannot be noticed. It is gone when this process has another
/// parent, when the launcher behind the parent is no more, or when the connection to it is lost.
public final class LauncherWatch: StopSource, Sendable {
    private let parent = getppid()
    private let launcher: Int32
    private let isConnectionLost: @Sendable () -> Bool
    private let surroundings: any Surroundings
    private let seen = Mutex<(explanation: String, time: ContinuousClock.Instant)?>(nil)

    /// Notes who the launcher is; `isConnectionLost` says whether the connection to it broke, and costs next to nothing.
    public init(
        in surroundings: any Surroundings = .system, isConnectionLost: @escaping @Sendable () -> Bool = { false }
    ) {
        self.surroundings = surroundings
        launcher = LauncherProcess.find(table: ProcessTable(in: surroundings))
        self.isConnectionLost = isConnectionLost
    }

    /// `.orphaned` once the launcher is gone.
    public func poll() -> StopReason? {
        seen.withLock { seen in
            if seen == nil, let loss { seen = (loss, surroundings.now) }
            return seen == nil ? nil : .orphaned
        }
    }

    /// What is gone.
    public var details: StopDetails {
        let seen = seen.withLock { $0 }
        return StopDetails(seen?.explanation, time: seen?.time)
    }

    private var loss: String? {
        if getppid() != parent { return "process \(parent) is gone" }
        if launcher != parent, kill(launcher, 0) == -1, errno == ESRCH { return "process \(launcher) is gone" }
        return isConnectionLost() ? "the connection to process \(launcher) is lost" : nil
    }
}
