public import Files
public import FoundationEssentials
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

    private let threads: VirtualThreads
    private let start = ContinuousClock.now
    private let state: Mutex<State>

    private struct State {
        var date: Date
        var number: UInt64
    }

    /// Makes surroundings for the calling thread.
    public init(
        date: Date = Date(timeIntervalSince1970: 1e9), seed: UInt64 = 1, host: String = "node1",
        processIdentifier: Int = 4711, whenEnded: @escaping @Sendable (Int32) -> Void = { _ in }
    ) {
        self.host = host
        self.processIdentifier = processIdentifier
        self.whenEnded = whenEnded
        threads = VirtualThreads()
        state = Mutex(State(date: date, number: seed))
    }

    /// How much time has passed.
    public var elapsed: Duration { threads.time }

    /// Sets the date forward, or back, as somebody does who sets the clock of a host.
    public func shiftDate(by seconds: Double) { state.withLock { $0.date += seconds } }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension VirtualSurroundings {
    public var now: ContinuousClock.Instant { start + elapsed }

    public var date: Date { state.withLock { $0.date } + elapsed / .seconds(1) }

    public var processorTime: Duration { .zero }

    /// The next of a splitmix64.
    public func unguessableNumber() -> UInt64 {
        state.withLock { state in
            state.number &+= 0x9E37_79B9_7F4A_7C15
            var word = (state.number ^ (state.number >> 30)) &* 0xBF58_476D_1CE4_E5B9
            word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
            return word ^ (word >> 31)
        }
    }

    public func startThread(_ name: String, _ body: @escaping @Sendable () -> Void) -> Bool {
        threads.start(name, body)
    }

    public func makeLatch() -> any Latch { VirtualLatch(threads) }

    public func endProcess(code: Int32) -> Never {
        whenEnded(code)
        threads.waitForEver()
    }
}

/// A latch of virtual threads.
final class VirtualLatch: Latch {
    private let threads: VirtualThreads

    init(_ threads: VirtualThreads) {
        self.threads = threads
    }

    func open() { threads.open(ObjectIdentifier(self)) }

    func waits(for patience: Duration?) -> Bool { threads.wait(for: ObjectIdentifier(self), patience) }

    deinit {
        threads.forget(ObjectIdentifier(self))
    }
}
