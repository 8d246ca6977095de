import ArgumentParser
import Foundation
import Lockstep
import SystemPackage

/// The options for what goes wrong: a watchdog for when it does, and drills to let it.
struct RehearsalOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "End the run if a step does not end in this time, and say where each rank is: \(TimeSpan.forms). (default: none; 10m by launch/run on several hosts)",
            valueName: "duration"))
    var hangTimeout: TimeSpan?

    @Option(
        help: ArgumentHelp(
            "Rehearse faults: what@who:when, as in \"sigterm@rank3:step17; kill@rank1:save; slow@rank2:200ms\".",
            valueName: "drills"),
        transform: { try Drill.parse($0) })
    var drill: [Drill]?

    func validate() throws {
        guard hangTimeout?.duration != .zero else { throw ValidationError("--hang-timeout is 0; it must be more") }
        guard let text = Self.launcherTimeout, TimeSpan(argument: text)?.duration ?? .zero == .zero else { return }
        throw ValidationError("LOCKSTEP_HANG_TIMEOUT is '\(text)'; it must be a duration above 0, \(TimeSpan.forms)")
    }

    /// The timeout of whoever starts the ranks, for a run that names none: `launch/run` has one for several hosts.
    private static var launcherTimeout: String? {
        ProcessInfo.processInfo.environment["LOCKSTEP_HANG_TIMEOUT"].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Makes what is asked for. Throws on all ranks alike.
    ///
    /// A drill is for the run that it was given to: started again by a launcher or a scheduler, that run does not do it
    /// a second time.
    func prepare(in world: any Communicator, directory: String, _ configFile: String?) throws -> Rehearsal {
        let timeout = hangTimeout ?? Self.launcherTimeout.flatMap(TimeSpan.init(argument:))
        let watchdog = timeout.map {
            Watchdog(
                timeout: $0.duration, directory: FilePath(text: directory), exitCode: ExitStatus.noProgress.rawValue)
        }
        let watched = watchdog?.watch(world) ?? world
        guard let drill, !Self.isRestarted else {
            return Rehearsal(world: watched, watchdog: watchdog, drills: [], files: LocalFileSystem(), runner: nil)
        }
        let runner = try makeRunner(drill, in: world, FilePath(text: directory), configFile.map { FilePath(text: $0) })
        return Rehearsal(
            world: watched, watchdog: watchdog, drills: [DrillCallback(runner)],
            files: DrillFileSystem(LocalFileSystem(), directory: FilePath(text: directory), runner: runner),
            runner: runner)
    }

    private func makeRunner(
        _ drill: [Drill], in world: any Communicator, _ directory: FilePath, _ configFile: FilePath?
    ) throws -> DrillRunner {
        do {
            return try DrillRunner(
                drill, rank: world.rank, of: world.size, configFile: configFile, runDirectory: directory)
        } catch {
            throw ValidationError("\(error)")
        }
    }

    /// Whether `launch/run --restarts` or Slurm has started the run again.
    private static var isRestarted: Bool {
        let variables = ProcessInfo.processInfo.environment
        return ["LOCKSTEP_RESTART", "SLURM_RESTART_COUNT"].contains {
            variables[$0].flatMap { OutsideNumber($0)?.value } ?? 0 > 0
        }
    }
}

/// What a run uses so that it can be watched, and so that drills can strike it.
struct Rehearsal {
    /// All ranks, whose collectives are noted if there is a watchdog.
    let world: any Communicator

    fileprivate let watchdog: Watchdog?

    /// What lets drills strike, in trainings and in evaluations.
    let drills: [Callback]

    /// What comes before all other callbacks.
    var callbacks: [Callback] { (watchdog.map { [$0] } ?? []) + drills }

    /// The files to load and save with.
    let files: any FileSystem

    fileprivate let runner: DrillRunner?

    /// Does the drills of the start. Throws on all ranks alike.
    func start(in world: any Communicator) throws {
        try world.together { try runner?.reach(.startup) }
    }
}
