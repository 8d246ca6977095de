import ArgumentParser
import Lockstep

/// The command line of a program as a whole.
struct RootCommand<Program: TrainingProgram>: ParsableCommand {
    static var configuration: CommandConfiguration {
        let own = Program.configuration
        return CommandConfiguration(
            commandName: Program.programName,
            abstract: own.abstract.isEmpty
                ? "Train on all ranks that mpirun starts; ask any one of them to stop, and all stop." : own.abstract,
            discussion: own.discussion.isEmpty ? discussion : "\(own.discussion)\n\n\(discussion)",
            version: own.version.isEmpty ? Manifest.writer : own.version,
            subcommands: [TrainCommand<Program>.self, EvaluateCommand<Program>.self] + own.subcommands
                + [
                    ExportCommand<Program>.self, StopCommand.self, StatusCommand.self, ReportCommand.self,
                    ConfigCommand<Program>.self,
                ],
            defaultSubcommand: TrainCommand<Program>.self)
    }

    private static var discussion: String {
        """
        Start it with `launch/run -n RANKS …`, with `mpirun`, or by itself as a single rank.

        To stop a run early, send SIGTERM, SIGINT, SIGHUP or SIGUSR1 to any rank, or to launch/run, or use \
        `\(Program.programName) stop DIR`. Every rank finishes the step under way, the state is saved, and the same command \
        carries on from there. SIGQUIT ends a rank at once, without that.

        Exit codes: 0 finished, or stopped as asked and saved; 1 failed; 64 wrong command line; 65 the loss or the weights \
        are NaN or infinite; 74 asked to stop, \
        but the save failed; 75 no progress; 78 what the command line names cannot be used; 131 ended by SIGQUIT.
        """
    }

    /// Commands that join no world and can be run anywhere, by their names.
    static var plainCommands: [String] {
        configuration.subcommands.filter { $0 is any PlainCommand.Type }.map { $0._commandName }
    }
}
