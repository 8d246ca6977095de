import ArgumentParser
import Glibc

/// The program: parses its arguments, runs the command, and ends with its status.
@main
enum Program {
    static func main() {
        exit(run().rawValue)
    }

    private static func run() -> ExitStatus {
        let command: any ParsableCommand
        do {
            command = try Ckpt.parseAsRoot()
            guard command is any CheckpointCommand else { throw CleanExit.helpRequest() }
        } catch {
            return report(parsing: error)
        }
        guard let command = command as? any CheckpointCommand else { fatalError("\(command) is no command") }
        do {
            return try command.execute()
        } catch {
            Console.fail("\(error)")
            return type(of: command).statusOfErrors
        }
    }

    /// Shows help where it was asked for, or what is wrong with the arguments.
    private static func report(parsing error: any Error) -> ExitStatus {
        let message = Ckpt.fullMessage(for: error)
        guard Ckpt.exitCode(for: error) == .success else {
            Console.complain(message)
            return .usage
        }
        print(message)
        return .success
    }
}
