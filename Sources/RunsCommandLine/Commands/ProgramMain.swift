import ArgumentParser
import CEarlySignals
import Glibc
import Kernels
import Lockstep

/// The way of a program from its first line to its exit code.
enum ProgramMain<Program: TrainingProgram> {
    /// Checks the processor, joins the world, does what the command line says, and exits.
    static func run(in surroundings: any Surroundings) -> Never {
        StandardStream.prepare()
        ProcessorTime.askForNotice()
        if let misfit = Processor.misfit() {
            fail("this \(Program.programName) \(misfit)")
            exit(ExitStatus.failure.rawValue)
        }
        if let status = runPlain(in: surroundings) { exit(status.rawValue) }
        exit((runSimulated(in: surroundings) ?? runOnRanks(in: surroundings)).rawValue)
    }

    private static func fail(_ sentence: String) { Console.fail(sentence, by: Program.programName) }

    /// Runs on ranks of this process; nil if the command line asks for none.
    private static func runSimulated(in surroundings: any Surroundings) -> ExitStatus? {
        do {
            guard let ranks = try SimulatedMain.ranks(in: CommandArguments.texts) else { return nil }
            Console.startLoggingOfSimulatedRanks()
            return SimulatedMain.run(ranks: ranks, of: Program.programName, in: surroundings) { run($0) }
        } catch {
            return report(error, isShown: true)
        }
    }

    private static func runOnRanks(in surroundings: any Surroundings) -> ExitStatus {
        do {
            let launch = try Launch(of: Program.programName, in: surroundings)
            Console.startLogging(rank: launch.world.rank)
            return launch.leave(with: run(launch))
        } catch {
            fail("\(error)")
            return .failure
        }
    }

    /// Runs a command that needs no other ranks; nil if the command line names none.
    private static func runPlain(in surroundings: any Surroundings) -> ExitStatus? {
        guard let name = CommandArguments.texts.first, RootCommand<Program>.plainCommands.contains(name) else {
            return nil
        }
        early_signals_release()
        do {
            let prepared = try PreparedCommand<Program>(CommandArguments.texts, in: SoloCommunicator())
            var command = try prepared.parse()
            if name == ConfigCommand<Program>._commandName, let configuration = prepared.configuration {
                try StandardStream.output.print(String(configuration.yaml.dropLast()))
            } else if var command = command as? any PlainCommand {
                try command.run(in: surroundings)
            } else {
                // Help.
                try command.run()
            }
            return .success
        } catch {
            return report(error, isShown: true)
        }
    }

    /// Parses the arguments and does what they say, on all ranks alike.
    private static func run(_ launch: Launch) -> Launch.Outcome {
        let world = launch.world
        do {
            try refuseDifferentArguments(world)
            let prepared = try PreparedCommand<Program>(CommandArguments.texts, in: world)
            var command = try parse(prepared, in: world)
            launch.configuration = prepared.configuration
            guard let command = command as? any RankCommand else {
                // What is no command of ours is the parser's own: help.
                try command.run()
                return .ended(.success)
            }
            try launch.refuseFalseSolitude()
            do {
                return .ended(try command.run(launch))
            } catch {
                throw prepared.explained(error)
            }
        } catch let error as CollectiveError {
            fail("\(error)")
            return .lostWorld
        } catch {
            // Every rank is here with the same error; one sentence is enough.
            return .ended(report(error, isShown: world.rank == 0))
        }
    }

    /// The same arguments can be wrong on one rank alone, where a program looks at more than them: at a file, say.
    private static func parse(
        _ prepared: PreparedCommand<Program>, in world: any Communicator
    ) throws -> any ParsableCommand {
        do {
            return try world.alike(saying: { RootCommand<Program>.message(for: $0) }) { try prepared.parse() }
        } catch let error as RankFailure {
            throw RunFailure(error, .configuration)
        }
    }

    private static func report(_ error: any Error, isShown: Bool) -> ExitStatus {
        let code = RootCommand<Program>.exitCode(for: error)
        let message = RootCommand<Program>.fullMessage(for: error)
        if code == .success {
            return isShown ? showHelp(message) : .success
        }
        if code == .validationFailure {
            if isShown { StandardStream.error.offer("\(message.visibleLines)\n") }
            return .usage
        }
        if isShown { fail("\(error)") }
        return ExitStatus(of: error)
    }

    private static func showHelp(_ text: String) -> ExitStatus {
        do {
            try StandardStream.output.print(text)
            return .success
        } catch {
            fail("\(error)")
            return .failure
        }
    }

    private static func refuseDifferentArguments(_ world: any Communicator) throws {
        let arguments = CommandArguments.texts.joined(separator: "\u{0}")
        guard let rank = try world.firstDifference(Array(arguments.utf8)) else { return }
        throw ValidationError("rank \(rank) was given other arguments than rank 0; all ranks need the same")
    }
}
