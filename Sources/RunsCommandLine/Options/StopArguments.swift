public import ArgumentParser
import Foundation
import Lockstep
import SystemPackage
import Terminal

/// The options that say when a run stops by itself, and how it then ends.
public struct StopArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Save and end within this time from the start: \(TimeSpan.forms). Slurm's end of allocation is found by itself.",
            valueName: "duration"))
    var maxTime: TimeSpan?

    @Option(
        help: ArgumentHelp(
            "Time to leave between the last save and that end. (default: 0s, and 60s before Slurm's)",
            valueName: "duration"))
    var grace: TimeSpan?

    /// The exit code of what was stopped before its end and can be carried on.
    @Option(
        help: ArgumentHelp(
            "The exit code of what was stopped before its end and can be carried on, or started again.",
            valueName: "code"))
    public var requeueExitCode: Int32 = 0

    @Flag(help: "Go on when the process that started the ranks is gone.")
    var keepWhenOrphaned = false

    /// Makes the options as they are on an empty command line.
    public init() {}

    /// Throws unless each option has a value that it can have.
    public func validate() throws {
        guard (0...125).contains(requeueExitCode) else {
            throw ValidationError(
                "--requeue-exit-code is \(requeueExitCode); it must be from 0 to 125, for what is above means a signal")
        }
        guard grace == nil || maxTime != nil || Deadline.isSetBySlurm() else {
            throw ValidationError(
                "--grace is time before an end, and there is none: give --max-time too, or start the run under Slurm")
        }
    }

    /// What can ask a run of these options to stop.
    func plan(_ launch: Launch, _ options: RunOptions) -> StopPlan {
        StopPlan(
            signals: options.signals, configFile: options.configFile.map { FilePath(text: $0) },
            deadlines: deadlines(launch), sources: launch.stopSources(whenOrphaned: !keepWhenOrphaned),
            launcher: LauncherLimit(environment: ProcessInfo.processInfo.environment))
    }

    private func deadlines(_ launch: Launch) -> [Deadline] {
        var deadlines: [Deadline] = []
        if let maxTime {
            deadlines.append(
                Deadline(
                    "--max-time \(maxTime.text)", end: launch.begin + maxTime.duration,
                    reserve: grace?.duration ?? .zero))
        }
        let slurm = Deadline.endOfSlurmAllocation(
            reserve: grace?.duration ?? .seconds(60), in: launch.surroundings)
        return deadlines + [slurm].compactMap { $0 }
    }
}
