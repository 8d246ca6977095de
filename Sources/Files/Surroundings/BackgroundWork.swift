import Synchronization

/// Work on a thread of its own, begun at once, and what came of it.
package final class BackgroundWork<Value: Sendable>: Sendable {
    private let outcome = Mutex<Result<Value, any Error>?>(nil)
    private let end: any Latch

    /// Begins `body`; where there is no thread to be had, it is done at once.
    package init(_ name: String, in surroundings: any Surroundings, _ body: @escaping @Sendable () throws -> Value) {
        end = surroundings.makeLatch()
        let work = { @Sendable [self] in
            let result = Result { try body() }
            outcome.withLock { $0 = result }
            end.open()
        }
        if !surroundings.startThread(name, work) { work() }
    }

    /// Whether it is over.
    package var isDone: Bool { outcome.withLock { $0 != nil } }

    /// Waits until it is over, and returns what `body` returned or threw.
    package func wait() -> Result<Value, any Error> {
        _ = end.waits(for: nil)
        guard let result = outcome.withLock({ $0 }) else { fatalError("the work is over without an outcome") }
        return result
    }
}
