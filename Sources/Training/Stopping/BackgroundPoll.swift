import Foundation

/// Looks at something now and then on a thread of its own, as long as it exists.
final class BackgroundPoll: Sendable {
    private let isOver = DispatchSemaphore(value: 0)

    /// Begins with a first look at once. `look` must not keep what keeps this poll.
    init(_ name: String, every interval: Duration, _ look: @escaping @Sendable () -> Void) {
        let seconds = interval / .seconds(1)
        let thread = Thread { [isOver] in
            repeat { look() } while isOver.wait(timeout: .now() + seconds) == .timedOut
        }
        thread.name = name
        thread.start()
    }

    deinit {
        // Not waited for: it may hang in a call of a file system that is gone.
        isOver.signal()
    }
}
