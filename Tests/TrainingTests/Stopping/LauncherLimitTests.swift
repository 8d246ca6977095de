import CheckpointsTestKit
import Collectives
import Files
import Logging
import Synchronization
import SystemPackage
import Testing

@testable import Runs
@testable import Stopping
@testable import Training

/// Runs whose state cannot be saved in the time that a launcher leaves.
struct LauncherLimitTests {
    @Test func onlyMpirunByItselfSetsALimit() {
        let mpirun = ["OMPI_COMM_WORLD_RANK": "3", "OMPI_COMM_WORLD_LOCAL_SIZE": "4"]
        #expect(LauncherLimit(environment: mpirun) == LauncherLimit(.seconds(2), localRanks: 4))
        let longer = mpirun.merging(["OMPI_MCA_odls_base_sigkill_timeout": "30"]) { $1 }
        #expect(LauncherLimit(environment: longer)?.duration == .seconds(60))
        // launch/run asks the ranks by USR1, and waits.
        #expect(LauncherLimit(environment: mpirun.merging(["LOCKSTEP_TERMINAL": "0"]) { $1 }) == nil)
        #expect(LauncherLimit(environment: ["PATH": "/bin"]) == nil)
        let strange = mpirun.merging(["OMPI_MCA_odls_base_sigkill_timeout": "soon"]) { $1 }
        #expect(LauncherLimit(environment: strange)?.duration == .seconds(2))
    }

    @Test func theWarningNamesTheTimeAndTheFlagThatHelps() {
        let limit = LauncherLimit(.seconds(2))
        #expect(limit.warning(step: .seconds(0.5), save: .seconds(1.5), isMeasured: true) == nil)
        #expect(
            limit.warning(step: .seconds(1), save: .seconds(5.8), isMeasured: true)
                == "TERM to mpirun would lose the steps since the last checkpoint: a step and a save take 6.8 s here, and "
                + "mpirun kills the ranks 2 s after it. Send USR1 to mpirun, use launch/stop, start with launch/run, or "
                + "give mpirun --mca odls_base_sigkill_timeout 5")
    }

    /// What a run of the small model says with a limit.
    private func warnings(_ limit: LauncherLimit?, saving config: CheckpointConfig? = nil) throws -> [String] {
        let (log, run) = (WarningLog(), SavingRun())
        let exit = try OnRequestExit(
            saveMindIR: false, directory: output.string, signals: [], stopping: StopOptions(launcher: limit),
            logger: Logger(label: "test") { _ in log }, files: run.disk)
        try run.train([exit] + (config.map { [try run.checkpoint($0)] } ?? []))
        #expect(try run.disk.names(in: output).allSatisfy { !$0.hasSuffix(".probe") })
        return log.lines.withLock { $0 }
    }

    @Test func itIsSaidOnceAtTheStartByAnEstimate() throws {
        let none = LauncherLimit(.zero)
        let said = try warnings(none, saving: CheckpointConfig(saveCheckpointSteps: 2))
        #expect(said.count == 1 && said[0].contains("a step and a save may take "))
        #expect(try warnings(LauncherLimit(.seconds(3600)), saving: CheckpointConfig(saveCheckpointSteps: 2)).isEmpty)
        #expect(try warnings(nil, saving: CheckpointConfig(saveCheckpointSteps: 2)).isEmpty)
    }
}

/// Keeps what is logged as a warning.
private final class WarningLog: LogHandler, Sendable {
    let lines = Mutex<[String]>([])

    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }
    var logLevel: Logger.Level {
        get { .warning }
        set {}
    }
    subscript(metadataKey _: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }

    func log(event: LogEvent) {
        lines.withLock { $0.append("\(event.message)") }
    }
}
