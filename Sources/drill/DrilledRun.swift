import Checkpoints
import Drills
import Foundation
import RankTestKit
import SystemPackage

/// One run with what is done to it, the runs that carry it on, and what is wrong with them.
struct DrilledRun {
    let scenario: Scenario

    /// How the run ended: its exit code; nil if it hung.
    private(set) var exitCode: Int32?

    /// The step after which all ranks stopped as asked.
    private(set) var stoppedStep: Int?

    /// The newest step published.
    private(set) var publishedStep: Int?

    /// The time from the request to the published set.
    private(set) var secondsToPublished: Double?

    /// The step from which the run was carried on.
    private(set) var resumedStep: Int?

    /// Whether it ended with the same bits as an undisturbed run.
    private(set) var hasEqualBits = false

    /// What went wrong, a sentence each.
    private(set) var problems: [String] = []

    private let stage: Stage
    private let folder: RunFolder

    /// Lets it happen.
    init(_ scenario: Scenario, on stage: Stage) throws {
        self.scenario = scenario
        self.stage = stage
        folder = RunFolder(stage.work.appending("run"))
        folder.remove()
        switch scenario.beginning {
        case .nothing: try folder.make()
        case .stoppedRun, .olderSet: try folder.copy(from: stage.stopped)
        }
        disturb()
        carryOn()
        if hasEnded { compare() }
    }

    private var hasEnded = false

    private mutating func disturb() {
        let older = scenario.beginning == .olderSet ? ["--resume", folder.olderSet.string] : []
        guard let outcome = run(scenario.drills, older) else { return }
        exitCode = outcome.exitCode
        note(scenario.allowedCodes.contains(outcome.exitCode), "it exited with \(outcome.exitCode): \(outcome)")
        note(
            scenario.drills.contains { $0.moment == .everyStep || outcome.errors.contains("drill: \($0)") },
            "no drill took place: \(outcome)")
        stoppedStep = outcome.step(after: "all \(stage.ranks) ranks stopped after step ")
        hasEnded = hasFinished(outcome)
        guard readSets() else { return }
        let (published, least) = (publishedStep ?? 0, leastPublishedStep)
        note(published >= least, "a set of step \(least) was published and is lost")
        if exitCode == 0 {
            note(stoppedStep != nil || hasEnded, "it neither stopped nor finished: \(outcome)")
            let last = stoppedStep ?? stage.steps
            note(published == last, "the ranks ended after step \(last), and that is not published: \(outcome)")
        }
        if stoppedStep != nil { secondsToPublished = folder.secondsToPublished }
    }

    /// Starts the run again, as its user would, until it is finished.
    private mutating func carryOn() {
        guard !hasEnded, problems.isEmpty else { return }
        folder.withdrawRequests()
        guard let outcome = run([], []) else { return }
        note(outcome.exitCode == 0, "carried on, it exited with \(outcome.exitCode): \(outcome)")
        resumedStep = outcome.line(after: "carrying on from ").flatMap { line in
            line.split(separator: " ").compactMap { Int($0) }.first
        }
        let published = publishedStep
        note(resumedStep == published, "step \(published ?? 0) was published, and it did not begin there: \(outcome)")
        hasEnded = hasFinished(outcome)
        note(hasEnded, "carried on, it was not finished: \(outcome)")
    }

    /// Whether a run made its last step, and saved what it led to.
    private func hasFinished(_ outcome: MPIRunOutcome) -> Bool {
        outcome.exitCode == 0 && outcome.step(after: "all \(stage.ranks) ranks finished step ") == stage.steps
    }

    private mutating func compare() {
        do {
            hasEqualBits = try folder.finalFiles() == stage.finalFiles
            note(hasEqualBits, "its final files are not those of an undisturbed run")
        } catch {
            problems.append("its final files cannot be read: \(error)")
        }
    }

    /// Runs the program; nil if it hangs.
    private mutating func run(_ drills: [Drill], _ more: [String]) -> MPIRunOutcome? {
        do {
            return try stage.run(in: folder, drills, more)
        } catch {
            problems.append("\(error)")
            return nil
        }
    }

    /// Reads what is published, all of which must be whole.
    private mutating func readSets() -> Bool {
        do {
            publishedStep = try folder.newestStep()
            return true
        } catch {
            problems.append("a published set is damaged: \(error)")
            return false
        }
    }

    private mutating func note(_ holds: Bool, _ problem: @autoclosure () -> String) {
        if !holds { problems.append(problem()) }
    }

    /// What was published for certain when the first drill struck.
    private var leastPublishedStep: Int {
        if let firstStep = scenario.firstStep { return firstStep }
        let saved = scenario.drills.filter { $0.moment != .everyStep }.map { drill in
            switch drill.moment {
            case .step(let step): stage.savedSteps.last { $0 < step } ?? 0
            case .lastStep: stage.savedSteps.last { $0 < stage.steps } ?? 0
            case .save(let number, _): number > 1 ? stage.savedSteps.prefix(number - 1).last ?? 0 : 0
            case .evaluation(let number): stage.savedSteps.last { $0 < stage.evaluatedSteps[number - 1] } ?? 0
            case .epoch(let number): stage.savedSteps.last { $0 < number * stage.steps / stage.epochs } ?? 0
            case .startup, .load, .everyStep, .stopping: 0
            }
        }
        return saved.min() ?? 0
    }
}

extension MPIRunOutcome {
    /// What follows a text on its line.
    fileprivate func line(after text: String) -> Substring? {
        output.split(separator: "\n").first { $0.hasPrefix(text) }?.dropFirst(text.count)
    }

    /// The number that follows a text.
    fileprivate func step(after text: String) -> Int? {
        line(after: text).flatMap { Int($0.prefix { $0.isNumber }) }
    }
}
