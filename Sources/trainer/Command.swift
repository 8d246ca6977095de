import ArgumentParser
import CEarlySignals
import Lockstep

/// The command line as a whole.
struct Command: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trainer",
        abstract: "Train a model on all ranks that mpirun starts; ask any one of them to stop, and all stop.",
        discussion: """
            Start it with `launch/run -n RANKS …`, with `mpirun`, or by itself as a single rank.

            To stop a run early, send SIGTERM, SIGINT, SIGHUP or SIGUSR1 to any rank, or to launch/run, or use \
            `trainer stop DIR`. Every rank finishes the step under way, the state is saved, and the same command \
            carries on from there. SIGQUIT ends a rank at once, without that.

            Exit codes: 0 finished, or stopped as asked and saved; 1 failed; 64 wrong command line; 65 the loss or the weights \
            are NaN or infinite; 74 asked to stop, \
            but the save failed; 75 no progress; 78 what the command line names cannot be used; 131 ended by SIGQUIT.
            """,
        version: Manifest.writer,
        subcommands: [
            TrainCommand.self, EvaluateCommand.self, GenerateCommand.self, ExportCommand.self, StopCommand.self,
            StatusCommand.self,
        ],
        defaultSubcommand: TrainCommand.self)

    /// How a command ended.
    enum Outcome {
        /// All ranks end with this status.
        case ended(ExitStatus)
        /// The ranks cannot reach each other any more.
        case lostWorld
    }

    /// Commands that join no world and can be run anywhere, by their names.
    private static let plainCommands: [any PlainCommand.Type] = [StopCommand.self, StatusCommand.self]

    /// Runs a command that needs no other ranks; nil if the command line names none.
    static func runPlain() -> ExitStatus? {
        let name = CommandArguments.texts.first
        guard plainCommands.contains(where: { $0.configuration.commandName == name }) else { return nil }
        early_signals_release()
        do {
            var command = try parseAsRoot(CommandArguments.texts)
            try command.run()
            return .success
        } catch {
            return report(error, isShown: true)
        }
    }

    /// Parses the arguments and does what they say, on all ranks alike.
    static func run(_ launch: Launch) -> Outcome {
        let world = launch.world
        Console.startLogging(rank: world.rank)
        do {
            try refuseDifferentArguments(world)
            var command = try parseAsRoot(CommandArguments.texts)
            guard let command = command as? any RankCommand else {
                // What is no command of ours is the parser's own: help.
                try command.run()
                return .ended(.success)
            }
            try launch.refuseFalseSolitude()
            return .ended(try command.run(launch))
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
            return isShown ? showHelp(fullMessage(for: error)) : .success
        }
        if code == .validationFailure {
            if isShown { StandardStream.error.offer("\(fullMessage(for: error).visibleLines)\n") }
            return .usage
        }
        if isShown { Console.fail("\(error)") }
        // These say the same whenever the program is started so.
        let isConfiguration = error is DataError || error is ModelError || error is SignalError
        if error is NonFiniteError { return .notFinite }
        return (error as? FailureWithStatus)?.status ?? (isConfiguration ? .configuration : .failure)
    }

    private static func showHelp(_ text: String) -> ExitStatus {
        do {
            try StandardStream.output.print(text)
            return .success
        } catch {
            Console.fail("\(error)")
            return .failure
        }
    }

    private static func refuseDifferentArguments(_ world: any Communicator) throws {
        let arguments = CommandArguments.texts.joined(separator: "\u{0}")
        guard let rank = try world.firstDifference(Array(arguments.utf8)) else { return }
        throw ValidationError("rank \(rank) was given other arguments than rank 0; all ranks need the same")
    }
}

/// A command that all ranks run together.
protocol RankCommand: ParsableCommand {
    /// Runs it, and returns how the program ends. What it throws, it throws on all ranks alike.
    func run(_ launch: Launch) throws -> ExitStatus
}

/// A command that one process runs by itself.
protocol PlainCommand: ParsableCommand {}

/// An error that ends the program with a status of its own.
struct FailureWithStatus: Error, CustomStringConvertible {
    let status: ExitStatus
    let description: String

    init(_ error: any Error, _ status: ExitStatus) {
        description = "\(error)"
        self.status = status
    }

    /// Runs `body`; what goes wrong in it ends the program with `status`, unless it tells its own, or the ranks cannot
    /// reach each other any more.
    static func ending<Result>(with status: ExitStatus, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error
            where error is CollectiveError || error is FailureWithStatus || error is ValidationError
            || error is NonFiniteError
        {
            throw error
        } catch {
            throw FailureWithStatus(error, status)
        }
    }
}
