import Runs
import Synchronization
import Training

/// Keeps the lines that a monitor writes.
final class Lines: Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }

    /// What was written to the standard output in Python, with an end to each line.
    var text: String { all.filter { !$0.hasPrefix("WARNING: ") }.map { $0 + "\n" }.joined() }

    /// What was logged in Python.
    var warnings: [String] { all.filter { $0.hasPrefix("WARNING: ") } }

    var output: LineOutput { { line in self.lines.withLock { $0.append(line) } } }
}

/// A clock that stands still between calls of ``advance(by:)``.
final class ManualClock: Sendable {
    private let instant = Mutex(ContinuousClock.now)

    func advance(by seconds: Double) {
        instant.withLock { $0 += .seconds(seconds) }
    }

    var now: @Sendable () -> ContinuousClock.Instant { { self.instant.withLock { $0 } } }
}
