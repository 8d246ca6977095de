public import FoundationEssentials

/// What a rank has around it beside other ranks and files: the time, chance, threads, and a process.
///
/// Whatever lies above `Files` is handed one of these, and has time and threads from nowhere else. So the code that runs
/// under mpirun can run in a world that is made up: with a clock that somebody turns, threads of which one runs at a time,
/// and numbers that come again from the same seed. What belongs to a rank is a property, so that one process can hold many.
public protocol Surroundings: Sendable {
    /// The time for distances: nobody sets it back.
    var now: ContinuousClock.Instant { get }

    /// The time for records and for what people name, as the clock of the host says it.
    var date: Date { get }

    /// What a processor has worked for the running thread so far.
    var processorTime: Duration { get }

    /// What the host is called in messages and on record.
    var host: String { get }

    /// The number of the process there.
    var processIdentifier: Int { get }

    /// What the machine says of one of its processes, as in the file `/proc/<process>/status`; nil if there is none.
    func status(ofProcess process: Int32) -> String?

    /// A number that nobody can guess, and that comes once.
    func unguessableNumber() -> UInt64

    /// Starts `body` on a thread of its own; false if there is none to be had, and `body` is not run.
    func startThread(_ name: String, _ body: @escaping @Sendable () -> Void) -> Bool

    /// Makes something that threads can wait for. They wait in nothing else, unless it is for other ranks or for a disk.
    func makeLatch() -> any Latch

    /// Ends the process at once, in whatever state its other threads are.
    func endProcess(code: Int32) -> Never
}

/// Something that happens once, and that threads wait for.
public protocol Latch: Sendable {
    /// Lets all pass, from now on.
    func open()

    /// Waits until it is open; false if it is not after so long. Nil waits for ever.
    func waits(for patience: Duration?) -> Bool
}

extension Surroundings {
    /// That of a machine without processes.
    public func status(ofProcess process: Int32) -> String? { nil }

    /// Lets the running thread do nothing for so long.
    public func sleep(for duration: Duration) { _ = makeLatch().waits(for: duration) }

    /// A name that nobody can guess: up to sixteen hexadecimal digits.
    public func unguessableName() -> String { String(unguessableNumber(), radix: 16) }
}

extension Surroundings where Self == SystemSurroundings {
    /// Those of this process.
    public static var system: SystemSurroundings { SystemSurroundings() }
}
