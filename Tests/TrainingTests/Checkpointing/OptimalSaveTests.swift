import Checkpoints
import Collectives
import CollectivesTestKit
import Files
import Logging
import Runs
import SurroundingsTestKit
import Synchronization
import SystemPackage
import Testing
import Training

/// A run that is told how often it fails saves as often as loses the least.
struct OptimalSaveTests {
    /// Saving takes five seconds.
    private final class SlowCheckpoint: ModelCheckpoint {
        override func willSave(_ context: RunContext) throws { context.surroundings.sleep(for: .seconds(5)) }
    }

    /// Keeps what is logged.
    private final class Log: Sendable {
        let lines = Mutex<[String]>([])

        var logger: Logger { Logger(label: "test") { _ in Handler(log: self) } }

        struct Handler: LogHandler {
            let log: Log
            var metadata = Logger.Metadata()
            var logLevel = Logger.Level.notice

            subscript(metadataKey key: String) -> Logger.Metadata.Value? {
                get { metadata[key] }
                set { metadata[key] = newValue }
            }

            // The library's requirement.
            // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
            func log(event: LogEvent) { log.lines.withLock { $0.append("\(event.message)") } }
        }
    }

    /// √(2·5·40) = 20 s, which Daly's terms make 16.8: seventeen steps of a second. On four ranks, whose clocks go at other
    /// speeds, that of rank 0 decides.
    @Test(arguments: [1, 4])
    func allRanksSaveAfterDalysInterval(ranks: Int) throws {
        let run = SavingRun(epochs: 3, steps: 16)
        let log = Log()
        _ = try ThreadWorld.run(ranks: ranks) { world in
            let surroundings = VirtualSurroundings()
            let config = try CheckpointConfig(schedule: .optimal(mtbf: 40), retention: .everything)
            let checkpoint = try SlowCheckpoint(
                prefix: .fixed("CKP"), directory: .fixed(output.string), config: config, logger: log.logger,
                files: run.disk)
            let step = Actor(.trainStepBegin) { _ in surroundings.sleep(for: .seconds(1 + world.rank)) }
            try run.train([step, checkpoint], world: world, surroundings: surroundings)
        }
        #expect(try run.sets() == ["CKP-1_1", "CKP-2_2", "CKP-3_3", "CKP-3_16"])
        #expect(
            log.lines.withLock { $0 } == [
                "saving every 16.8 s (some 17 steps): a save kept the run for 5 s, and with a failure of the job every 40 s "
                    + "this loses the least time by Daly's formula"
            ])
    }

    @Test func aTimeBetweenFailuresThatIsNoneIsRefused() {
        for mtbf in [0, -1, Double.nan, .infinity] {
            let error = #expect(throws: CheckpointConfigError.self) {
                try CheckpointConfig(schedule: .optimal(mtbf: mtbf), retention: .everything)
            }
            #expect(error?.description == "the mean time between failures is \(mtbf); it must be above 0")
        }
    }
}
