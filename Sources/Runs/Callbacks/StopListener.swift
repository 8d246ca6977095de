import Collectives
import Files
import Logging
import Stopping
import SystemPackage
import Training

/// Listens for one run to all that can ask for its end, until it is let go of.
final class StopListener {
    private let options: StopOptions
    private let context: RunContext
    private let files: any FileSystem
    private let logger: Logger
    private let poll: BackgroundPoll?
    private var halts: HaltWatch?

    /// Begins to listen to all but halt requests.
    init(
        to signals: [Int32], configFile: FilePath?, _ options: StopOptions, in context: RunContext,
        files: any FileSystem, logger: Logger, warned: GivenWarnings
    ) throws {
        self.options = options
        self.context = context
        self.files = files
        let heard = logger.saying(onceFor: context.world)
        self.logger = heard
        // Nobody asks again by a signal where none is heard.
        let repeated =
            signals.isEmpty
            ? nil : RepeatedRequests.listen(rank: context.world.rank, logger: logger, in: context.surroundings)
        poll = repeated?.poll
        let sources = try options.makeSources(
            signals, configFile: configFile, stateBytes: context.stateByteCount, pace: context.pace, files: files,
            logger: heard, warned: warned, in: context.surroundings)
        for source in sources { context.addStopSource(source) }
        context.whenStopping { stop in
            // First of the two: who reads the line and asks again is to get an answer.
            repeated?.answers.noteAgreement(on: stop)
            heard.notice("\(stop)")
        }
    }

    /// Begins to listen to the halt requests of a training too; that of `answered` has stopped it once already.
    func hearHalts(answered: String?) {
        guard let directory = options.runDirectory else { return }
        let halts = HaltWatch(
            HaltDirectory(ofRun: directory, files: files), answered: answered, pace: context.pace, logger: logger,
            in: context.surroundings)
        self.halts = halts
        halts.removeAnswered()
        context.addStopSource(FileRequests(halts, every: options.pollInterval, in: context.surroundings))
    }

    /// Begins to listen, in an evaluation, to the halt requests that come from now on: older ones are for a training.
    func hearNewHalts() {
        let new = options.makeHalts(
            hearsOld: false, pace: context.pace, files: files, logger: logger, in: context.surroundings)
        guard let halts = new else { return }
        self.halts = halts
        context.addStopSource(FileRequests(halts, every: options.pollInterval, in: context.surroundings))
    }

    /// Removes the halt requests that have taken effect; the run is saved. An evaluation leaves those of a training beside
    /// it to that.
    func settle() {
        let isTraining = context.originalArgs().trainNetwork != nil
        if isTraining || !options.hasTraining(files: files) { halts?.settle() }
    }
}
