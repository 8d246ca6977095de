import ArgumentParser
import Checkpoints
import Ciphers
import Files
import SystemPackage
import Terminal

/// `ckpt encrypt`: a .ckpt or .mindir file in MindSpore's container.
struct EncryptCommand: CheckpointCommand {
    static let configuration = CommandConfiguration(
        commandName: "encrypt",
        abstract: "Encrypt a .ckpt or .mindir file, so that MindSpore reads it with the same key, or all of a set.",
        discussion: """
            Of single files, only AES-GCM finds tampering by itself; the manifest of a set proves its files in every \
            mode. SM4-CBC takes keys of 16 bytes, the others of 16, 24 or 32. A set is written into a new directory.
            """)

    @Argument(help: "The file, or the manifest of a set.")
    var input: String

    @OptionGroup var output: OutputOptions

    @OptionGroup var key: KeyOptions

    @Option(help: "AES-GCM, AES-CBC or SM4-CBC.")
    var mode = EncryptionMode.aesGCM

    func execute() throws -> CommandStatus {
        let encryption = try Encryption(key: key.require(), mode: mode)
        if case .set(let manifest, let directory) = try Subject(input) {
            let recoding = try SetRecoding(manifest, in: directory, .encrypt(encryption), verb: "encrypting")
            try recoding.write(to: FilePath(text: output.output))
            return .success
        }
        try output.file.check()
        let file = try EncryptionInput(FilePath(text: input), verb: "encrypting").plain()
        try output.file.write { try file.copy(to: $0, encryption, path: output.file.path) }
        return .success
    }
}
