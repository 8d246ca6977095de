import ArgumentParser
import Checkpoints
import Files
import SystemPackage

/// `ckpt rekey`: another key, or another mode.
struct RekeyCommand: CheckpointCommand {
    static let configuration = CommandConfiguration(
        commandName: "rekey",
        abstract: "Encrypt an encrypted .ckpt file with another key, without plain bytes on the disk.")

    @Argument(help: "The encrypted file.")
    var input: String

    @OptionGroup var output: OutputOptions

    @OptionGroup var key: KeyOptions

    @OptionGroup var newKey: NewKeyOptions

    @Option(help: ArgumentHelp("AES-GCM, AES-CBC or SM4-CBC. (default: as it was)"))
    var mode: EncryptionMode?

    func execute() throws -> ExitStatus {
        try output.file.check()
        let (file, oldMode) = try EncryptionInput(FilePath(input)).decrypted(
            key: key.require(), verb: "encrypting anew")
        let encryption = try Encryption(key: newKey.require(), mode: mode ?? oldMode)
        try output.file.write { try file.copy(to: $0, encryption, path: output.file.path) }
        return .success
    }
}
