public import ArgumentParser
public import Checkpoints
import Files
import SystemPackage

/// Where the key of an encrypted file comes from; never the command line itself, which every user can read.
struct KeyOptions: ParsableArguments {
    @Option(help: ArgumentHelp("A file that holds the key.", valueName: "file"))
    var keyFile: String?

    @Option(help: ArgumentHelp("An environment variable that holds the key.", valueName: "name"))
    var keyEnv: String?

    func validate() throws {
        try KeySource.checkOne(keyFile, keyEnv, "key")
    }

    /// The key; nil if none was named.
    func load() throws -> EncryptionKey? {
        try KeySource.load(keyFile, keyEnv, "key")
    }

    /// The key, which the command needs.
    func require() throws -> EncryptionKey {
        guard let key = try load() else { throw Refusal("name the key with --key-file or --key-env") }
        return key
    }
}

/// Where the new key comes from.
struct NewKeyOptions: ParsableArguments {
    @Option(help: ArgumentHelp("A file that holds the new key.", valueName: "file"))
    var newKeyFile: String?

    @Option(help: ArgumentHelp("An environment variable that holds the new key.", valueName: "name"))
    var newKeyEnv: String?

    func validate() throws {
        try KeySource.checkOne(newKeyFile, newKeyEnv, "new-key")
        guard newKeyFile != nil || newKeyEnv != nil else {
            throw ValidationError("name the new key with --new-key-file or --new-key-env")
        }
    }

    func require() throws -> EncryptionKey {
        guard let key = try KeySource.load(newKeyFile, newKeyEnv, "new-key") else {
            fatalError("a new key without a source passed validation")
        }
        return key
    }
}

private enum KeySource {
    static func checkOne(_ file: String?, _ variable: String?, _ option: String) throws {
        guard file == nil || variable == nil else {
            throw ValidationError("--\(option)-file and --\(option)-env were both given; one of them is allowed")
        }
    }

    static func load(_ file: String?, _ variable: String?, _ option: String) throws -> EncryptionKey? {
        if let file {
            return try describing("--\(option)-file \(file)") {
                () throws(EncryptionError) in try .load(from: FilePath(file), in: LocalFileSystem())
            }
        }
        guard let variable else { return nil }
        return try describing("--\(option)-env \(variable)") {
            () throws(EncryptionError) in try .load(fromEnvironment: variable)
        }
    }

    private static func describing(
        _ source: String, _ load: () throws(EncryptionError) -> EncryptionKey
    ) throws -> EncryptionKey {
        do {
            return try load()
        } catch {
            throw Refusal("\(source): \(error)")
        }
    }
}

extension EncryptionMode: ExpressibleByArgument {}
