import ArgumentParser
import Foundation
import Lockstep
import SystemPackage
import Terminal

/// The options for what goes wrong: a watchdog for when it does, a word on ranks that are slow, and drills to let it.
struct RehearsalOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "End the run if a step does not end in this time, and say where each rank is: \(TimeSpan.forms). (default: none; 10m by launch/run on several hosts)",
            valueName: "duration"))
    var hangTimeout: TimeSpan?

    @Option(
        help: ArgumentHelp(
            "Name a rank as slow that takes so many times the median of all for its own part of a step.",
            valueName: "factor"))
    var slowFactor = StragglerRule.usual.factor

    @Option(
        help: ArgumentHelp(
            "Name it once that has been so for this time: \(TimeSpan.forms). (default: 30s)", valueName: "duration"))
    var slowAfter: TimeSpan?

    @Option(
        help: ArgumentHelp(
            "Rehearse faults: what@who:when, as in \"sigterm@rank3:step17; kill@rank1:save; slow@rank2:200ms\".",
            valueName: "drills"),
        transform: { try Drill.parse($0) })
    var drill: [Drill]?

    func validate() throws {
        guard hangTimeout?.duration != .zero else { throw ValidationError("--hang-timeout is 0; it must be more") }
        guard slowFactor > 1 else { throw ValidationError("--slow-factor is \(slowFactor); it must be above 1") }
        guard slowAfter?.duration != .zero else { throw ValidationError("--slow-after is 0; it must be more") }
        guard let text = Self.launcherTimeout, TimeSpan(argument: text)?.duration ?? .zero == .zero else { return }
        throw ValidationError("LOCKSTEP_HANG_TIMEOUT is '\(text)'; it must be a duration above 0, \(TimeSpan.forms)")
    }

    /// The timeout of whoever starts the ranks, for a run that names none: `launch/run` has one for several hosts.
    private static var launcherTimeout: String? {
        ProcessInfo.processInfo.environment["LOCKSTEP_HANG_TIMEOUT"].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Puts what is asked for into a plan.
    ///
    /// A drill is for the run that it was given to: started again by a launcher or a scheduler, that run does not do it
    /// a second time.
    func fill(_ plan: inout RunPlan) {
        let timeout = hangTimeout ?? Self.launcherTimeout.flatMap(TimeSpan.init(argument:))
        plan.watchdog = timeout?.duration
        plan.stragglers = StragglerRule(
            factor: slowFactor, duration: slowAfter?.duration ?? StragglerRule.usual.duration)
        plan.drills = Self.isRestarted ? [] : drill ?? []
    }

    /// Whether `launch/run --restarts` or Slurm has started the run again.
    private static var isRestarted: Bool {
        let variables = ProcessInfo.processInfo.environment
        return ["LOCKSTEP_RESTART", "SLURM_RESTART_COUNT"].contains {
            variables[$0].flatMap { OutsideNumber($0)?.value } ?? 0 > 0
        }
    }
}
