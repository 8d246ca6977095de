import ArgumentParser
import Lockstep
import SystemPackage

/// Where the key of encrypted files is. It is never on the command line, which every user of the machine can read.
struct KeyOptions: ParsableArguments {
    @Option(help: ArgumentHelp("A file with the key of the files: raw, or after hex: or base64:.", valueName: "file"))
    var keyFile: String?

    @Option(help: ArgumentHelp("An environment variable with the key of the files.", valueName: "variable"))
    var keyEnv: String?

    func validate() throws {
        guard keyFile == nil || keyEnv == nil else {
            throw ValidationError("give the key by --key-file or by --key-env, not by both")
        }
    }

    /// Whether a key is named.
    var isGiven: Bool { keyFile != nil || keyEnv != nil }

    /// The key; nil if files are not encrypted.
    func load() throws -> EncryptionKey? {
        if let keyFile { return try EncryptionKey.load(from: FilePath(keyFile), in: LocalFileSystem()) }
        return try keyEnv.map { try EncryptionKey.load(fromEnvironment: $0) }
    }
}
