import ArgumentParser
import Checkpoints
import Files
import SystemPackage

/// `ckpt encrypt`: a .ckpt file in MindSpore's container.
struct EncryptCommand: CheckpointCommand {
    static let configuration = CommandConfiguration(
        commandName: "encrypt",
        abstract: "Encrypt a .ckpt file, so that MindSpore reads it with the same key.",
        discussion:
            "Only AES-GCM finds tampering by itself. SM4-CBC takes keys of 16 bytes, the others of 16, 24 or 32.")

    @Argument(help: "The .ckpt file.")
    var input: String

    @OptionGroup var output: OutputOptions

    @OptionGroup var key: KeyOptions

    @Option(help: "AES-GCM, AES-CBC or SM4-CBC.")
    var mode = EncryptionMode.aesGCM

    func execute() throws -> ExitStatus {
        try output.file.check()
        let encryption = try Encryption(key: key.require(), mode: mode)
        let file = try EncryptionInput(FilePath(input)).plain(verb: "encrypting")
        try output.file.write { try file.copy(to: $0, encryption, path: output.file.path) }
        return .success
    }
}
