import ArgumentParser
import Files
import Glibc

/// The program: parses its arguments, runs the command, and ends with its status.
@main
enum CkptMain {
    static func main() {
        StandardStream.prepare()
        exit(run().rawValue)
    }

    private static func run() -> CommandStatus {
        let command: any CheckpointCommand
        do {
            command = try parse()
        } catch {
            return report(parsing: error)
        }
        do {
            return try command.execute()
        } catch {
            CommandOutput.fail("\(error)")
            return type(of: command).statusOfErrors
        }
    }

    private static func parse() throws -> any CheckpointCommand {
        var parsed = try Ckpt.parseAsRoot(CommandArguments.texts)
        if let command = parsed as? any CheckpointCommand { return command }
        // The command that stands for --help, or none: both throw the help that was asked for.
        try parsed.run()
        throw CleanExit.helpRequest()
    }

    /// Shows help where it was asked for, or what is wrong with the arguments.
    private static func report(parsing error: any Error) -> CommandStatus {
        let message = Ckpt.fullMessage(for: error)
        guard Ckpt.exitCode(for: error) == .success else {
            CommandOutput.complain(message)
            return .usage
        }
        do {
            try CommandOutput.say(message)
            return .success
        } catch {
            CommandOutput.fail("\(error)")
            return .failure
        }
    }
}
