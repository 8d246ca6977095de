import ArgumentParser
import Checkpoints

/// The command line as a whole.
struct Ckpt: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ckpt",
        abstract: "Look at checkpoints, check them, and change their form.",
        discussion: """
            It reads the sets that Lockstep publishes and single .ckpt and .safetensors files, of MindSpore too. Tensors \
            stream through a few megabytes of memory, whatever their size; an encrypted file needs 64 MiB more.

            Keys come from a file (--key-file) or an environment variable (--key-env): 16, 24 or 32 raw bytes, or text \
            that begins with hex: or base64:.

            Outputs appear under their names only when they are whole, readable by their owner alone and by nobody \
            writable, as MindSpore's are. An output that exists is replaced only with --force.

            Exit status: 0 done, 1 failed, 64 for a wrong command line; verify and diff have their own.
            """,
        version: Manifest.writer,
        subcommands: [
            ListCommand.self, InspectCommand.self, VerifyCommand.self, DiffCommand.self, MergeCommand.self,
            SplitCommand.self, ConvertCommand.self,
            EncryptCommand.self, DecryptCommand.self, RekeyCommand.self, PruneCommand.self,
        ])
}

/// How the program ends.
enum CommandStatus: Int32 {
    /// Done; for `verify`: whole; for `diff`: equal.
    case success = 0

    /// Something went wrong; for `verify`: damaged; for `diff`: different.
    case failure = 1

    /// `verify` and `diff` could not find out.
    case unknown = 2

    /// The command line does not allow what was asked for (EX_USAGE of sysexits.h).
    case usage = 64
}

/// A command of this program.
protocol CheckpointCommand: ParsableCommand {
    /// Does what the command says.
    func execute() throws -> CommandStatus

    /// How the program ends if that throws.
    static var statusOfErrors: CommandStatus { get }
}

extension CheckpointCommand {
    static var statusOfErrors: CommandStatus { .failure }
}

/// What cannot be done, as a sentence.
struct Refusal: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
