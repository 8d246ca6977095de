import Foundation

/// A program under `mpirun` that has been started.
final class RunningMPI {
    /// `mpirun` itself; the ranks are its children.
    let process: Process

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
        process.standardOutput = try file("output")
        process.standardError = try file("errors")
        process.terminationHandler = { [hasEnded] _ in hasEnded.signal() }
        try process.run()
    }

    deinit {
        if process.isRunning { killGroup(SIGKILL) }
        try? FileManager.default.removeItem(at: folder)
    }

    /// What the ranks have printed so far.
    var output: String { read("output") }

    /// Waits for the end; throws ``MPIRunHang`` if that takes longer than the limit.
    func wait() throws -> MPIRunOutcome {
        guard hasEnded.wait(timeout: .now() + limit) == .timedOut else { return outcome }
        // First the way that lets mpirun kill its ranks, which are not in its process group.
        killGroup(SIGTERM)
        if hasEnded.wait(timeout: .now() + 15) == .timedOut {
            killGroup(SIGKILL)
            hasEnded.wait()
        }
        throw MPIRunHang(limit: limit, outcome: outcome)
    }

    /// Sends a signal to `mpirun` and what it started in its process group.
    private func killGroup(_ signal: Int32) {
        let identifier = process.processIdentifier
        // Foundation makes each process the leader of a group of its own; should that change, we must not kill ours.
        kill(getpgid(identifier) == identifier ? -identifier : identifier, signal)
    }

    private var outcome: MPIRunOutcome {
        MPIRunOutcome(exitCode: process.terminationStatus, output: output, errors: read("errors"))
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
