import ArgumentParser
import Foundation
import Lockstep

/// The command line as a whole.
struct Command: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trainer",
        abstract: "Train a model on all ranks that mpirun starts; ask any one of them to stop, and all stop.",
        discussion: """
            Start it with `launch/run -n RANKS …`, with `mpirun`, or by itself as a single rank.

            To stop a run early, send SIGTERM, SIGINT, SIGHUP or SIGUSR1 to any rank, or to launch/run. Every rank \
            finishes the step under way, the state is saved, and the same command carries on from there.
            """,
        version: Manifest.writer,
        subcommands: [TrainCommand.self, EvaluateCommand.self, GenerateCommand.self],
        defaultSubcommand: TrainCommand.self)

    /// How a command ended.
    enum Outcome {
        /// All ranks end with this status.
        case ended(ExitStatus)
        /// The ranks cannot reach each other any more.
        case lostWorld
    }

    /// Parses the arguments and does what they say, on all ranks alike.
    static func run(_ launch: Launch) -> Outcome {
        let world = launch.world
        Console.startLogging(rank: world.rank)
        do {
            try refuseDifferentArguments(world)
            var command = try parseAsRoot()
            guard let command = command as? any RankCommand else {
                // What is no command of ours is the parser's own: help.
                try command.run()
                return .ended(.success)
            }
            try command.run(launch)
            return .ended(.success)
        } catch let error as CollectiveError {
            Console.fail("\(error)")
            return .lostWorld
        } catch {
            // Every rank is here with the same error; one sentence is enough.
            return .ended(report(error, isShown: world.rank == 0))
        }
    }

    private static func report(_ error: any Error, isShown: Bool) -> ExitStatus {
        let code = exitCode(for: error)
        if code == .success {
            if isShown { print(fullMessage(for: error)) }
            return .success
        }
        if code == .validationFailure {
            if isShown { FileHandle.standardError.write(Data("\(fullMessage(for: error))\n".utf8)) }
            return .usage
        }
        if isShown { Console.fail("\(error)") }
        return .failure
    }

    private static func refuseDifferentArguments(_ world: any Communicator) throws {
        let arguments = CommandLine.arguments.dropFirst().joined(separator: "\u{0}")
        guard let rank = try world.firstDifference(Array(arguments.utf8)) else { return }
        throw ValidationError("rank \(rank) was given other arguments than rank 0; all ranks need the same")
    }
}

/// A command that all ranks run together.
protocol RankCommand: ParsableCommand {
    /// Runs it. What it throws, it throws on all ranks alike.
    func run(_ launch: Launch) throws
}
