public import Ciphers
public import Files
public import SystemPackage

/// Why a checkpoint file could not be read or written.
public enum FormatError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The system refused.
    case file(FileError)

    /// The file is not what its format demands: where, in bytes from its beginning (for an encrypted file, of the text
    /// in it), and what is wrong.
    case damaged(path: FilePath, offset: Int, FormatDamage)

    /// The key does not fit the file.
    case encryption(path: FilePath, EncryptionError)

    /// The format cannot store this entry.
    case cannotStore(name: String, reason: String)

    /// The file has no entry of this name.
    case missing(name: String, path: FilePath)

    /// The entry is something other than what was asked for.
    case wrongKind(name: String, path: FilePath, wanted: String)

    /// The entry is a tensor of a type that Lockstep does not support.
    case notSupported(name: String, path: FilePath, ForeignType)

    /// One sentence.
    public var description: String {
        switch self {
        case .file(let error): error.description
        case .damaged(let path, let offset, let damage): "\(path) is damaged at byte \(offset): \(damage)"
        case .encryption(let path, let error): "\(path) cannot be decrypted: \(error)"
        case .cannotStore(let name, let reason): "\(name) cannot be stored: \(reason)"
        case .missing(let name, let path): "\(path) has no entry \(name)"
        case .wrongKind(let name, let path, let wanted): "\(name) in \(path) is no \(wanted)"
        case .notSupported(let name, let path, let type): "\(name) in \(path) cannot be read: \(type.refusal)"
        }
    }
}

extension ReadableFile {
    /// Fills `bytes` from `offset` on, throwing the error of this module.
    func fill(_ bytes: inout MutableSpan<UInt8>, at offset: Int) throws(FormatError) {
        do {
            try read(into: &bytes, at: offset)
        } catch {
            throw .file(error)
        }
    }
}

extension WritableFile {
    /// Appends bytes, throwing the error of this module.
    func put(_ bytes: Span<UInt8>) throws(FormatError) {
        do {
            try write(bytes)
        } catch {
            throw .file(error)
        }
    }
}
