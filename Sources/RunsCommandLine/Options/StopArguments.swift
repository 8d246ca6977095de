public import ArgumentParser
import Foundation
public import Lockstep
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

    @Option(
        name: .customLong("notice"), parsing: .singleValue,
        help: ArgumentHelp(
            "Stop when this cloud's metadata service says that the machine is taken away; may be repeated.",
            valueName: "aws|gcp|azure"))
    var notices: [CloudService] = []

    @Option(help: ArgumentHelp("Where that service is, if not at its usual address.", valueName: "host:port"))
    var noticeAddress: ServiceAddress?

    @Option(
        help: ArgumentHelp(
            "Stop when this command of the shell prints a line, such as \"120 maintenance\": in 120 seconds. It is run again when it ends without one.",
            valueName: "command"))
    var noticeCommand: String?

    @Option(
        help: ArgumentHelp(
            "Stop when this file is there; its first line may say in how many seconds the machine goes.",
            valueName: "file"))
    var noticeFile: String?

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
        guard noticeAddress == nil || notices.count == 1 else {
            throw ValidationError("--notice-address is the address of one service; give one --notice with it")
        }
        for (option, text) in [("--notice-command", noticeCommand), ("--notice-file", noticeFile)] {
            if text?.isEmpty == true {
                throw ValidationError("\(option) is empty; it must be a \(option.dropFirst(9))")
            }
        }
        guard grace == nil || maxTime != nil || Deadline.isSetBySlurm() else {
            throw ValidationError(
                "--grace is time before an end, and there is none: give --max-time too, or start the run under Slurm")
        }
    }

    /// What can ask a run of these options to stop. All ranks together.
    func plan(_ launch: Launch, _ options: RunOptions) throws -> StopPlan {
        let notices = try origins.map {
            try NoticeListener(to: $0, in: launch.world, surroundings: launch.surroundings)
        }
        return StopPlan(
            signals: options.signals, configFile: options.configFile.map { FilePath(text: $0) },
            deadlines: deadlines(launch), sources: launch.stopSources(whenOrphaned: !keepWhenOrphaned) + notices,
            launcher: LauncherLimit(environment: ProcessInfo.processInfo.environment))
    }

    private var origins: [NoticeOrigin] {
        var seen: Set<NoticeOrigin> = []
        let all =
            notices.map { NoticeOrigin.service($0, at: noticeAddress) }
            + [
                noticeCommand.map { NoticeOrigin.command($0) },
                noticeFile.map { NoticeOrigin.file(FilePath(text: $0)) },
            ].compactMap { $0 }
        return all.filter { seen.insert($0).inserted }
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

extension CloudService: ExpressibleByArgument {}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension ServiceAddress: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}
