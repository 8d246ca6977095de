public import Files
public import SystemPackage

/// Why a key cannot be used.
public enum EncryptionError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The key has the wrong length for the mode, or for every mode.
    case keyLength(byteCount: Int, allowed: [Int])

    /// The text after "hex:" or "base64:" is not of that kind.
    case keyText(kind: String)

    /// The file is encrypted, and there is no key.
    case keyMissing

    /// No environment variable has this name.
    case variableMissing(name: String)

    /// Others than its owner may read or write the file with the key.
    case shared(path: FilePath, permissions: Int)

    /// The file with the key could not be read.
    case file(FileError)

    /// One sentence, which never holds the key.
    public var description: String {
        switch self {
        case .keyLength(let count, let allowed):
            "the key has \(count) bytes, but must have \(allowed.map(String.init).joined(separator: " or "))"
        case .keyText(let kind): "the key is not \(kind), though its first letters say so"
        case .keyMissing: "it is encrypted, and no key was given"
        case .variableMissing(let name): "the environment variable \(name), which should hold the key, is not set"
        case .shared(let path, let permissions):
            "the mode of \(path) is 0\(String(permissions, radix: 8)), so that others than its owner can use it; run chmod "
                + "600 \(path)"
        case .file(let error): error.description
        }
    }
}
