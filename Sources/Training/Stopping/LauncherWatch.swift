import Glibc
import Synchronization

/// Asks for a stop when the process that started this one is gone: nobody would end this one then, or start it again.
///
/// Make it when the program begins, for a parent that is gone before cannot be noticed.
public final class LauncherWatch: StopSource, Sendable {
    private let parent = getppid()
    private let seen = Mutex<ContinuousClock.Instant?>(nil)

    /// Notes who the parent is.
    public init() {}

    /// `.orphaned` once the parent is another one.
    public func poll() -> StopReason? {
        seen.withLock { seen in
            if seen == nil, getppid() != parent { seen = .now }
            return seen == nil ? nil : .orphaned
        }
    }

    /// Which process is gone.
    public var details: StopDetails {
        StopDetails("process \(parent) is gone", time: seen.withLock { $0 } ?? .now)
    }
}
