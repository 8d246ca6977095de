public import ArgumentParser
import Checkpoints
public import Ciphers
import Files
import SystemPackage

/// Where the key of encrypted files comes from; never the command line itself, which every user can read.
public struct KeyOptions: ParsableArguments {
    @Option(help: ArgumentHelp("A file that holds the key: raw, or as text after hex: or base64:.", valueName: "file"))
    var keyFile: String?

    @Option(help: ArgumentHelp("An environment variable that holds the key.", valueName: "name"))
    var keyEnv: String?

    @Flag(help: "Take a key from a file that others may read, as one that Kubernetes mounts with mode 0644.")
    var allowSharedKeyFile = false

    /// Makes the options as they are on an empty command line.
    public init() {}

    /// Throws if there are two sources.
    public func validate() throws {
        try KeySource.checkOne(keyFile, keyEnv, "key")
    }

    /// Whether a key is named.
    public var isGiven: Bool { keyFile != nil || keyEnv != nil }

    /// The key; nil if none was named. Throws ``KeyError`` if it cannot be had.
    public func load() throws -> EncryptionKey? {
        try KeySource.load(keyFile, keyEnv, "key", allowingShared: allowSharedKeyFile)
    }

    /// The key, which the command needs. Throws ``KeyError`` if it cannot be had or none was named.
    public func require() throws -> EncryptionKey {
        guard let key = try load() else { throw KeyError("name the key with --key-file or --key-env") }
        return key
    }
}

/// Where the new key comes from.
public struct NewKeyOptions: ParsableArguments {
    @Option(help: ArgumentHelp("A file that holds the new key.", valueName: "file"))
    var newKeyFile: String?

    @Option(help: ArgumentHelp("An environment variable that holds the new key.", valueName: "name"))
    var newKeyEnv: String?

    @Flag(help: "Take the new key from a file that others may read.")
    var allowSharedNewKeyFile = false

    /// Makes the options as they are on an empty command line.
    public init() {}

    /// Throws unless there is one source.
    public func validate() throws {
        try KeySource.checkOne(newKeyFile, newKeyEnv, "new-key")
        guard newKeyFile != nil || newKeyEnv != nil else {
            throw ValidationError("name the new key with --new-key-file or --new-key-env")
        }
    }

    /// The new key. Throws ``KeyError`` if it cannot be had.
    public func require() throws -> EncryptionKey {
        guard
            let key = try KeySource.load(
                newKeyFile, newKeyEnv, "new-key", allowingShared: allowSharedNewKeyFile)
        else {
            fatalError("a new key without a source passed validation")
        }
        return key
    }
}

/// A key that cannot be had.
public struct KeyError: Error, CustomStringConvertible {
    /// One sentence that names the option.
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}

private enum KeySource {
    static func checkOne(_ file: String?, _ variable: String?, _ option: String) throws {
        guard file == nil || variable == nil else {
            throw ValidationError("--\(option)-file and --\(option)-env were both given; one of them is allowed")
        }
    }

    static func load(
        _ file: String?, _ variable: String?, _ option: String, allowingShared: Bool
    ) throws(KeyError) -> EncryptionKey? {
        if let file {
            return try describing("--\(option)-file \(file)", option) {
                () throws(EncryptionError) in
                try .load(from: FilePath(text: file), in: LocalFileSystem(), allowingShared: allowingShared)
            }
        }
        guard let variable else { return nil }
        return try describing("--\(option)-env \(variable)", option) {
            () throws(EncryptionError) in try .load(fromEnvironment: variable)
        }
    }

    private static func describing(
        _ source: String, _ option: String, _ load: () throws(EncryptionError) -> EncryptionKey
    ) throws(KeyError) -> EncryptionKey {
        do {
            return try load()
        } catch .shared(let path, let permissions) {
            let error = EncryptionError.shared(path: path, permissions: permissions)
            throw KeyError("\(source): \(error), or give --allow-shared-\(option)-file")
        } catch {
            throw KeyError("\(source): \(error)")
        }
    }
}

extension EncryptionMode: ExpressibleByArgument {}
