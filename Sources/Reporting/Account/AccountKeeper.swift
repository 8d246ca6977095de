import Checkpoints
package import Collectives
package import Files
import Foundation
package import Logging
import Records
import Stopping
package import SystemPackage
package import Training
package import Watching

/// Keeps the account of a run's time, and says which ranks are slow: rank 0 alone, for all.
///
/// A line is written once a hundredth of the launch's time has passed since the last one, but at least after a minute and at most
/// once a second; and at once when something happens. What cannot be written is no reason to end a run.
package final class AccountKeeper: Callback {
    private let directory: FilePath
    private let files: any FileSystem
    private let surroundings: any Surroundings
    private let rule: StragglerRule
    private let status: StatusReport
    private let logger: Logger
    private let begin: ContinuousClock.Instant
    private var file: AccountFile?
    private var entry: AccountEntry?
    private var written: ContinuousClock.Instant
    private var watch: StragglerWatch?
    private var isBroken = false
    private var context: RunContext?

    package init(
        directory: FilePath, rule: StragglerRule, status: StatusReport, files: any FileSystem,
        surroundings: any Surroundings, logger: Logger = Logger(label: "Run")
    ) {
        self.directory = directory
        self.rule = rule
        self.status = status
        self.files = files
        self.surroundings = surroundings
        self.logger = logger
        begin = surroundings.now
        written = begin
    }

    package override var hearsValidation: Bool { false }

    /// Begins the account of a launch, before it does what `body` does to be able to train.
    package func starting<Result>(in world: any Communicator, _ body: () throws -> Result) throws -> Result {
        if world.rank == 0 {
            entry = AccountEntry(
                launch: status.launch, time: seconds, ranks: world.size, host: surroundings.host)
            attempt { file = try AccountFile(in: directory, files: files) }
            write(.begin)
        }
        do {
            return try body()
        } catch {
            end(.failed, error)
            throw error
        }
    }

    package override func contribute(to runContext: RunContext) {
        guard entry != nil else { return }
        context = runContext
        watch = StragglerWatch(rule, ranks: runContext.world.size)
        runContext.whenStepped { [unowned self, unowned runContext] in note($0, runContext) }
        runContext.whenPublished { [unowned self] in entry?.saved = $0.manifest.checkpoint.progress.step }
        runContext.whenStopping { [unowned self, unowned runContext] in note($0, runContext) }
    }

    package override func onTrainEpochBegin(_ runContext: RunContext) {
        guard entry != nil, entry?.first == nil else { return }
        let step = runContext.position.step
        entry?.run = runContext.branch.run
        entry?.first = step
        entry?.step = step
        entry?.furthest = max(file?.furthest(ofRun: runContext.branch.run) ?? 0, step)
        entry?.seconds.starting = elapsed
        write(.steps)
    }

    package override func onTrainEnd(_ runContext: RunContext) { measure(runContext) }

    package override func exit(_ error: (any Error)?) -> Bool {
        end(error != nil ? .failed : context?.isStoppedEarly == true ? .stopped : .finished, error)
        context = nil
        return false
    }
}

extension AccountKeeper {
    private func note(_ step: StepClock.Step, _ runContext: RunContext) {
        runContext.forEachOwnTime { watch?.hear(rank: $0, mean: $1) }
        let typical = watch?.typical ?? .zero
        let waiting = typical > .zero ? min(max(step.slowest - typical, .zero), step.duration) : .zero
        let position = runContext.position.step
        if position <= entry?.furthest ?? 0 {
            entry?.seconds.repeated += step.duration / .seconds(1)
        } else {
            entry?.seconds.productive += (step.duration - waiting) / .seconds(1)
            entry?.seconds.waiting += waiting / .seconds(1)
            entry?.furthest = position
        }
        entry?.step = position
        measure(runContext)
        let now = surroundings.now
        for change in watch?.changes(at: now) ?? [] { tell(change) }
        let pause = min(max(begin.duration(to: now) / 100, .seconds(1)), .seconds(60))
        if written.duration(to: now) >= pause { write(.steps) }
    }

    private func measure(_ runContext: RunContext) {
        entry?.seconds.saving = runContext.clock.totals.saves / .seconds(1)
        entry?.seconds.evaluating = runContext.clock.totals.evaluations / .seconds(1)
    }

    private func note(_ stop: AgreedStop, _ runContext: RunContext) {
        entry?.reason = stop.reason.description
        entry?.requestingRank = stop.rank
        entry?.request = stop.record
        measure(runContext)
        write(.stopping)
    }

    /// Says that a rank is slow, or is so no more: in the log, in the status and in the account.
    private func tell(_ change: StragglerWatch.Change) {
        let rank = status.note(slow: change.rank, factor: change.isSlow ? change.factor : nil)
        let median = rank.factor.asFactor
        if change.isSlow {
            logger.warning(
                "rank \(rank.rank) on \(rank.host) is slow: its own part of a step takes \(median) times the median of all ranks"
            )
        } else {
            logger.warning("rank \(rank.rank) on \(rank.host) is slow no more")
        }
        entry?.slow = rank
        write(change.isSlow ? .slow : .recovered)
        entry?.slow = nil
    }

    private func end(_ state: RunStatus.State, _ error: (any Error)?) {
        guard entry != nil else { return }
        entry?.state = state
        entry?.error = error.map { "\($0)" }
        write(.end)
        (file, entry) = (nil, nil)
    }

    private var seconds: Double { surroundings.date.timeIntervalSince1970.inMilliseconds }

    private var elapsed: Double { (begin.duration(to: surroundings.now) / .seconds(1)).inMilliseconds }

    private func write(_ kind: AccountEntry.Kind) {
        written = surroundings.now
        entry?.kind = kind
        entry?.time = seconds
        entry?.elapsed = elapsed
        guard let entry, let file else { return }
        attempt { try file.append(entry.rounded) }
    }

    private func attempt(_ body: () throws -> Void) {
        do {
            try body()
        } catch {
            if !isBroken { logger.warning("the account of the run's time lacks something: \(error)") }
            isBroken = true
        }
    }
}

extension Double {
    /// Without what comes after the milliseconds.
    fileprivate var inMilliseconds: Double { (self * 1000).rounded() / 1000 }

    /// With a digit after the point, or without one if it is large.
    package var asFactor: String {
        self < 20 ? "\((self * 10).rounded() / 10)" : "\(OutsideNumber(nearestTo: rounded()).value)"
    }
}

extension AccountEntry {
    /// With times in milliseconds: more nobody reads.
    fileprivate var rounded: AccountEntry {
        var entry = self
        for part in AccountSeconds.parts { entry.seconds[keyPath: part] = seconds[keyPath: part].inMilliseconds }
        return entry
    }
}
