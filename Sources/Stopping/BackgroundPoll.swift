import Dispatch
import Files
import Glibc
import Memory

/// Looks at something now and then on a thread of its own, as long as it exists.
package final class BackgroundPoll: Sendable {
    private let isOver = DispatchSemaphore(value: 0)

    /// Begins with a first look at once. `look` must not keep what keeps this poll.
    package init(_ name: String, every interval: Duration, _ look: @escaping @Sendable () -> Void) {
        let seconds = interval / .seconds(1)
        let thread = SystemThread(name) { [isOver] in
            repeat { look() } while isOver.wait(timeout: .now() + seconds) == .timedOut
        }
        // A run that cannot hear would break its promise, and nothing is lost yet.
        if thread == nil { endProcess(lacking: "no thread to look for \(name)", EAGAIN) }
    }

    deinit {
        // Not waited for: it may hang in a call of a file system that is gone.
        isOver.signal()
    }
}
