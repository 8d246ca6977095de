import ArgumentParser
import Checkpoints
import Ciphers
import Files
import SystemPackage
import Terminal

/// `ckpt rekey`: another key, or another mode.
struct RekeyCommand: CheckpointCommand {
    static let configuration = CommandConfiguration(
        commandName: "rekey",
        abstract: "Encrypt a .ckpt or .mindir file or all of a set with another key, without plain bytes on the disk.",
        discussion: """
            A set is written into a new directory, with a manifest that the new key proves; the old key given as the new \
            one gives a code to a set that has none.
            """)

    @Argument(help: "The encrypted file, or the manifest of a set.")
    var input: String

    @OptionGroup var output: OutputOptions

    @OptionGroup var key: KeyOptions

    @OptionGroup var newKey: NewKeyOptions

    @Option(help: ArgumentHelp("AES-GCM, AES-CBC or SM4-CBC. (default: as it was)"))
    var mode: EncryptionMode?

    func execute() throws -> CommandStatus {
        let (key, newKey) = (try key.require(), try newKey.require())
        if case .set(let manifest, let directory) = try Subject(input) {
            let recoding = try SetRecoding(
                manifest, in: directory, .rekey(key, new: newKey, mode), verb: "encrypting anew")
            try recoding.write(to: FilePath(text: output.output))
            return .success
        }
        try output.file.check()
        let source = try EncryptionInput(FilePath(text: input), key: key, verb: "encrypting anew")
        let (file, oldMode) = try source.decrypted(key: key)
        let encryption = try Encryption(key: newKey, mode: mode ?? oldMode)
        try output.file.write { try file.copy(to: $0, encryption, path: output.file.path) }
        return .success
    }
}
