import Collectives
import Files
import Graphs
import Logging
import Memory
import SystemPackage
import Tensors

/// Listens for one run to all that can ask for its end, until it is let go of.
final class StopListener {
    private let options: StopOptions
    private let context: RunContext
    private let files: any FileSystem
    private let logger: Logger
    private let poll: BackgroundPoll
    private var halts: HaltWatch?

    /// Begins to listen to all but halt requests.
    init(
        to signals: [Int32], configFile: FilePath?, _ options: StopOptions, in context: RunContext,
        files: any FileSystem, logger: Logger
    ) throws {
        self.options = options
        self.context = context
        self.files = files
        self.logger = logger
        let (answers, poll) = RepeatedRequests.listen(rank: context.world.rank, logger: logger)
        self.poll = poll
        context.addStopSource(try SignalWatch(signals))
        if let configFile { add(ExitConfigFile(configFile, files: files, logger: logger)) }
        let stateBytes = context.stateParameters.reduce(0) { $0 + $1.tensor.bytes.count }
        for deadline in options.deadlines {
            context.addStopSource(DeadlineWatch(deadline, stateBytes: stateBytes, pace: context.pace))
        }
        for source in options.sources { context.addStopSource(source) }
        context.whenStopping { [logger] stop in
            // First of the two: who reads the line and asks again is to get an answer.
            answers.noteAgreement(on: stop)
            logger.notice("\(stop)")
        }
    }

    /// Begins to listen to the halt requests of a training too; that of `answered` has stopped it once already.
    func hearHalts(answered: String?) {
        guard let directory = options.runDirectory else { return }
        let halts = HaltWatch(
            HaltDirectory(ofRun: directory, files: files), answered: answered, pace: context.pace, logger: logger)
        self.halts = halts
        halts.removeAnswered()
        add(halts)
    }

    /// Removes the halt requests that have taken effect; the run is saved.
    func settle() { halts?.settle() }

    private func add(_ source: any FileStopSource) {
        context.addStopSource(FileRequests(source, every: options.pollInterval))
    }
}
