import Dispatch
public import FoundationEssentials
import Glibc
import Synchronization

/// The surroundings that the system gives this process.
public struct SystemSurroundings: Surroundings {
    /// Chooses the system.
    public init() {}

    /// Of the clock that counts while the machine sleeps too.
    public var now: ContinuousClock.Instant { .now }

    /// Of the system's clock.
    public var date: Date { Date() }

    /// Of the running thread.
    public var processorTime: Duration { ProcessorTime.ofThisThread }

    /// The name that the kernel has.
    public var host: String { ThisProcess.host }

    /// The kernel's number.
    public var processIdentifier: Int { ThisProcess.identifier }

    /// From the kernel's table.
    public func status(ofProcess process: Int32) -> String? {
        // Read to its end: the size of such a file is 0 until then.
        (try? Data(contentsOf: URL(filePath: "/proc/\(process)/status"))).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Of the kernel's source.
    public func unguessableNumber() -> UInt64 { .random(in: 0 ... .max) }

    /// Starts a thread of the system.
    public func startThread(_ name: String, _ body: @escaping @Sendable () -> Void) -> Bool {
        SystemThread(name, body) != nil
    }

    /// Makes one that the system wakes threads from.
    public func makeLatch() -> any Latch { SystemLatch() }

    /// Not `exit`: the main thread may hold any lock, and MPI is the business of no other.
    public func endProcess(code: Int32) -> Never { _exit(code) }
}

private final class SystemLatch: Latch {
    private let group = DispatchGroup()
    private let isOpen = Atomic(false)

    init() {
        group.enter()
    }

    deinit {
        // A group that is let go of must be left.
        open()
    }

    func open() {
        if !isOpen.exchange(true, ordering: .acquiringAndReleasing) { group.leave() }
    }

    func waits(for patience: Duration?) -> Bool {
        guard let patience else {
            group.wait()
            return true
        }
        return group.wait(timeout: .now() + patience / .seconds(1)) == .success
    }
}
