public import Foundation

/// A program under `mpirun` that has been started.
public final class RunningMPI {
    private let process: Process
    private let limit: TimeInterval
    private let folder: URL
    private let hasEnded = DispatchSemaphore(value: 0)

    init(_ process: Process, limit: TimeInterval) throws {
        self.process = process
        self.limit = limit
        folder = FileManager.default.temporaryDirectory.appending(path: "mpirun-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        // Files and not pipes: a pipe that nobody empties while waiting would stop the program.
        process.standardInput = FileHandle.nullDevice
        process.environment = (process.environment ?? ProcessInfo.processInfo.environment)
            .merging([Self.mark: folder.lastPathComponent]) { $1 }
        process.standardOutput = try file("output")
        process.standardError = try file("errors")
        process.terminationHandler = { [hasEnded] _ in hasEnded.signal() }
        try process.run()
    }

    deinit {
        if process.isRunning { killAll() }
        try? FileManager.default.removeItem(at: folder)
    }

    /// `mpirun`, or `launch/run`.
    public var launcher: LinuxProcess { LinuxProcess(process.processIdentifier) }

    /// What the ranks have printed so far.
    public var output: String { read("output") }

    /// What the ranks and their launcher have printed on standard error so far.
    public var errors: String { read("errors") }

    /// Waits for the end; throws ``MPIRunHang`` if that takes longer than the limit, or one given here.
    public func wait(atMost limit: TimeInterval? = nil) throws -> MPIRunOutcome {
        let limit = limit ?? self.limit
        guard hasEnded.wait(timeout: .now() + limit) == .timedOut else { return outcome }
        throw hang(after: limit)
    }

    /// Waits until something holds; throws ``MPIRunOver`` if the program ends before, ``MPIRunHang`` after the limit.
    public func wait(until awaited: String, _ holds: () -> Bool) throws {
        let start = ContinuousClock.now
        while !holds() {
            guard process.isRunning else { throw MPIRunOver(awaited: awaited, outcome: try wait()) }
            guard start.duration(to: .now) < .seconds(limit) else {
                throw hang(after: limit)
            }
            Thread.sleep(forTimeInterval: 0.002)
        }
    }

    /// The process of a rank, waiting for it to be one.
    public func process(ofRank rank: Int) throws -> LinuxProcess {
        var found: LinuxProcess?
        try wait(until: "rank \(rank) was there") {
            found = launcher.descendants.first { $0.environment("OMPI_COMM_WORLD_RANK") == "\(rank)" }
            return found != nil
        }
        return found ?? launcher
    }

    private func hang(after limit: TimeInterval) -> MPIRunHang {
        killAll()
        hasEnded.wait()
        return MPIRunHang(limit: limit, outcome: outcome)
    }

    /// Not only `mpirun`, which would leave its ranks behind, and not only its descendants: what hangs may have been left
    /// by a parent that is gone, and as long as it lives Foundation does not tell of the end of `mpirun`.
    private func killAll() {
        let all = LinuxProcess.all(with: Self.mark, folder.lastPathComponent)
        for process in [launcher] + all { process.send(SIGKILL) }
    }

    /// The variable that tells which run a process belongs to.
    private static let mark = "LOCKSTEP_TEST_RUN"

    private var outcome: MPIRunOutcome {
        let signalBase: Int32 = process.terminationReason == .uncaughtSignal ? 128 : 0
        return MPIRunOutcome(
            exitCode: signalBase + process.terminationStatus, output: output, errors: errors)
    }

    private func file(_ name: String) throws -> FileHandle {
        let url = folder.appending(path: name)
        try Data().write(to: url)
        return try FileHandle(forWritingTo: url)
    }

    private func read(_ name: String) -> String {
        (try? String(contentsOf: folder.appending(path: name), encoding: .utf8)) ?? ""
    }
}
