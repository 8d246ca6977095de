import Foundation
import Lockstep

/// One line that says how far training is: overwritten on a terminal, repeated every few seconds elsewhere.
final class ProgressReport: Callback {
    private let console: Console
    private let resume: ResumeSource
    private var begin: ContinuousClock.Instant?
    private var lastLine: ContinuousClock.Instant?
    private var firstStep = 0
    private var totalSteps = 0
    private var ranks = 1

    init(_ console: Console, resume: ResumeSource) {
        self.console = console
        self.resume = resume
    }

    override func onTrainBegin(_ runContext: RunContext) {
        let run = runContext.originalArgs()
        ranks = runContext.world.size
        begin = runContext.surroundings.now
        lastLine = begin
        firstStep = runContext.position.step
        totalSteps = (run.epochNum ?? 0) * run.batchNum
        if let resumed = runContext.resumed {
            // A warning is on the console already.
            for change in resumed.changes where change.warning == nil { console.say("\(change)") }
            let isLonger = resumed.position.step > totalSteps
            console.say(
                isLonger
                    ? "\(resumed.name) has made \(resumed.position.step) steps already, and \(totalSteps) are asked for"
                    : "carrying on from \(resumed.name) after step \(resumed.position.step) of \(totalSteps)")
        }
    }

    override func onTrainStepEnd(_ runContext: RunContext) {
        // Ten times a second is enough for the eye, every ten seconds for a log.
        let now = runContext.surroundings.now
        let pause: Duration = console.isTerminal ? .milliseconds(100) : .seconds(10)
        guard lastLine.map({ $0.duration(to: now) >= pause }) ?? true else { return }
        lastLine = now
        let line = line(runContext)
        if console.isTerminal { console.show(line) } else { console.say(line) }
    }

    override func onTrainEpochEnd(_ runContext: RunContext) {
        console.say(line(runContext))
    }

    /// Says how the run ended; all ranks are known to have ended at the same step.
    func say(_ outcome: RunOutcome) {
        let ranks = ranks == 1 ? "the rank" : "all \(ranks) ranks"
        let step = outcome.position.step
        if let stop = outcome.stop, !outcome.isComplete {
            console.say(
                "\(ranks) stopped after step \(step) of \(totalSteps): \(stop.reason) asked rank \(stop.rank); \(wayOn)"
            )
        } else if step > totalSteps {
            console.say("no step was made; to train further, ask for more epochs")
        } else {
            console.say("\(ranks) finished step \(step) of \(totalSteps)")
        }
    }

    /// How the run is carried on. The same command does so only if it does not say where to begin.
    private var wayOn: String {
        resume == .newest ? "the same command carries on" : "to carry on, give --resume auto in place of what was given"
    }

    private func line(_ runContext: RunContext) -> String {
        let run = runContext.originalArgs()
        let step = runContext.position.step
        let now = runContext.surroundings.now
        let seconds = (begin ?? now).duration(to: now) / .seconds(1)
        let made = Double(step - firstStep)
        let samples = made * Double(run.trainDataset?.batchSize ?? 0) / max(seconds, 1e-9)
        // A run without end is left at thirty years.
        let left = Duration.seconds(min(made == 0 ? 0 : seconds / made * Double(totalSteps - step), 1e9))
        let loss = String(format: "%.4f", run.loss ?? 0)
        return "epoch \(run.curEpochNum ?? 0)/\(run.epochNum ?? 0)  step \(step)/\(totalSteps)  loss \(loss)  "
            + "\(Int(samples)) samples/s  \(left.formatted(.time(pattern: .minuteSecond))) left"
    }
}
