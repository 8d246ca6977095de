import Dispatch
import Synchronization

/// Work on a thread of its own, begun at once, and what came of it.
package final class BackgroundWork<Value: Sendable>: Sendable {
    private let outcome = Mutex<Result<Value, any Error>?>(nil)
    private let running = DispatchGroup()

    /// Begins `body`; where the system has no thread to give, it is done at once.
    package init(_ name: String, _ body: @escaping @Sendable () throws -> Value) {
        running.enter()
        let work = { @Sendable [self] in
            let result = Result { try body() }
            outcome.withLock { $0 = result }
            running.leave()
        }
        if SystemThread(name, work) == nil { work() }
    }

    /// Whether it is over.
    package var isDone: Bool { outcome.withLock { $0 != nil } }

    /// Waits until it is over, and returns what `body` returned or threw.
    package func wait() -> Result<Value, any Error> {
        running.wait()
        guard let result = outcome.withLock({ $0 }) else { fatalError("the work is over without an outcome") }
        return result
    }
}
