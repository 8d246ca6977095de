public import Files
public import FoundationEssentials
import RandomTestKit
import Synchronization

/// Surroundings whose time passes only when it is told to, or when nothing else can go on: hours of them take no time.
///
/// Of the thread that made it and those that it starts one runs at a time. It goes on until it waits; then the first that
/// can does, and if none can, the clock is turned to the first moment at which one of them wants to be woken. So whatever is
/// run comes out the same each time. Numbers come from a seed.
///
/// ```swift
/// let surroundings = VirtualSurroundings()
/// let run = try Run(in: "out", plan: plan, files: MemoryFileSystem(), surroundings: surroundings)
/// surroundings.sleep(for: .seconds(3600))  // in a callback: an hour is over, and every poll has looked as often as it does
/// ```
public final class VirtualSurroundings: Surroundings {
    /// What the host is called.
    public let host: String

    /// The number of the process.
    public let processIdentifier: Int

    /// Called instead of ending the process; the thread then never goes on.
    private let whenEnded: @Sendable (Int32) -> Void

    private let scheduler: Scheduler
    /// The process of its threads, as the scheduler numbers them.
    private let process: Int
    private let drift: Double
    private let start = ContinuousClock.now
    private let state: Mutex<State>

    private struct State {
        var date: Date
        var generator: SeededGenerator
    }

    /// Makes surroundings for the calling thread.
    public convenience init(
        date: Date = Date(timeIntervalSince1970: 1e9), seed: UInt64 = 1, host: String = "node1",
        processIdentifier: Int = 4711, whenEnded: @escaping @Sendable (Int32) -> Void = { _ in }
    ) {
        self.init(
            Scheduler(), process: 0, date: date, seed: seed, host: host, processIdentifier: processIdentifier,
            whenEnded: whenEnded)
    }

    /// Makes those of one of many processes, on a host whose date goes faster by the share `drift` than it should.
    package init(
        _ scheduler: Scheduler, process: Int, date: Date, drift: Double = 0, seed: UInt64, host: String,
        processIdentifier: Int, whenEnded: @escaping @Sendable (Int32) -> Void
    ) {
        self.scheduler = scheduler
        self.process = process
        self.drift = drift
        self.host = host
        self.processIdentifier = processIdentifier
        self.whenEnded = whenEnded
        state = Mutex(State(date: date, generator: SeededGenerator(seed: seed)))
    }

    /// How much time has passed.
    public var elapsed: Duration { scheduler.time }

    /// Sets the date forward, or back, as somebody does who sets the clock of a host.
    public func shiftDate(by seconds: Double) { state.withLock { $0.date += seconds } }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension VirtualSurroundings {
    public var now: ContinuousClock.Instant { start + elapsed }

    public var date: Date { state.withLock { $0.date } + elapsed / .seconds(1) * (1 + drift) }

    public var processorTime: Duration { .zero }

    /// The next of a generator.
    public func unguessableNumber() -> UInt64 { state.withLock { $0.generator.next() } }

    public func startThread(_ name: String, _ body: @escaping @Sendable () -> Void) -> Bool {
        scheduler.start(name, process: process, body) != nil
    }

    public func makeLatch() -> any Latch { VirtualLatch(scheduler) }

    public func endProcess(code: Int32) -> Never {
        whenEnded(code)
        // The first thread of all stays, and never goes on.
        if process != 0 { scheduler.kill(process: process) }
        while true { _ = scheduler.wait(until: nil) }
    }
}

/// A latch that threads of a scheduler wait for.
final class VirtualLatch: Latch, @unchecked Sendable {
    // Unchecked: used by the thread whose turn it is alone.
    private let scheduler: Scheduler
    private var isOpen = false
    private var waiting: [Strand] = []

    init(_ scheduler: Scheduler) {
        self.scheduler = scheduler
    }

    func open() {
        isOpen = true
        waiting.forEach(scheduler.wake)
        waiting = []
    }

    func waits(for duration: Duration?) -> Bool {
        guard !isOpen else { return true }
        let own = scheduler.current
        waiting.append(own)
        _ = scheduler.wait(until: duration.map { scheduler.time + $0 })
        waiting.removeAll { $0 === own }
        return isOpen
    }
}
