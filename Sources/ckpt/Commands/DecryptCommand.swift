import ArgumentParser
import Checkpoints
import Files
import Memory
import SystemPackage
import Terminal

/// `ckpt decrypt`: the file that was encrypted.
struct DecryptCommand: CheckpointCommand {
    static let configuration = CommandConfiguration(
        commandName: "decrypt",
        abstract: "Decrypt a .ckpt or .mindir file, of MindSpore too, or all of a set; the files say in which mode.",
        discussion: "A set is written into a new directory, with a manifest that no key proves.")

    @Argument(help: "The encrypted file, or the manifest of a set.")
    var input: String

    @OptionGroup var output: OutputOptions

    @OptionGroup var key: KeyOptions

    func execute() throws -> CommandStatus {
        let key = try key.require()
        if case .set(let manifest, let directory) = try Subject(input) {
            let recoding = try SetRecoding(manifest, in: directory, .decrypt(key), verb: "decrypting")
            try recoding.write(to: FilePath(text: output.output))
            return .success
        }
        try output.file.check()
        let file = try EncryptionInput(FilePath(text: input), key: key, verb: "decrypting").decrypted(key: key).file
        try output.file.write { target in try file.forEachPiece { try target.write($0.span) } }
        return .success
    }
}
