import Glibc
import Memory

/// Looks at something now and then on a thread of its own, as long as it exists.
package final class BackgroundPoll: Sendable {
    private let end: any Latch

    /// Begins with a first look at once. `look` must not keep what keeps this poll.
    package init(
        _ name: String, every interval: Duration, in surroundings: any Surroundings,
        _ look: @escaping @Sendable () -> Void
    ) {
        end = surroundings.makeLatch()
        let hasThread = surroundings.startThread(name) { [end] in
            repeat { look() } while !end.waits(for: interval)
        }
        // A run that cannot hear would break its promise, and nothing is lost yet.
        if !hasThread { endProcess(lacking: "no thread to look for \(name)", EAGAIN) }
    }

    deinit {
        // Not waited for: it may hang in a call of a file system that is gone.
        end.open()
    }
}
