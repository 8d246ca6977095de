import ArgumentParser
import Checkpoints
import Files
import Memory
import SystemPackage

/// `ckpt decrypt`: the file that was encrypted.
struct DecryptCommand: CheckpointCommand {
    static let configuration = CommandConfiguration(
        commandName: "decrypt", abstract: "Decrypt a .ckpt file, of MindSpore too; the file says in which mode.")

    @Argument(help: "The encrypted file.")
    var input: String

    @OptionGroup var output: OutputOptions

    @OptionGroup var key: KeyOptions

    func execute() throws -> ExitStatus {
        try output.file.check()
        let file = try EncryptionInput(FilePath(input)).decrypted(key: key.require(), verb: "decrypting").file
        try output.file.write { target in try file.forEachPiece { try target.write($0.span) } }
        return .success
    }
}
