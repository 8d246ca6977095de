public import Checkpoints
public import Ciphers
public import Files
import Logging
public import SystemPackage
public import Tensors

/// What was in a checkpoint file: names and values, in the order of the file.
public struct LoadedCheckpoint: Sendable {
    /// The names and their values.
    public let entries: [(name: String, value: CheckpointValue)]

    private let indices: [ByteName: Int]

    init(_ entries: [(name: String, value: CheckpointValue)]) {
        self.entries = entries
        // MindSpore's dictionaries keep the last value of a name.
        indices = Dictionary(entries.enumerated().map { (ByteName($1.name), $0) }, uniquingKeysWith: { $1 })
    }

    /// The value of a name, or nil.
    public subscript(name: String) -> CheckpointValue? { indices[name].map { entries[$0].value } }

    /// The tensor of a name; nil if there is none, or a text.
    public func tensor(_ name: String) -> Tensor? {
        guard case .tensor(let tensor)? = self[name] else { return nil }
        return tensor
    }
}

/// Reads a checkpoint file whole (MindSpore's `load_checkpoint`).
///
/// Its name says the format, ".ckpt" or ".safetensors", and its first bytes how it is encrypted.
///
/// - Parameters:
///   - decMode: How it must be encrypted; nil takes what the file says.
///   - crcCheck: Whether to compare the CRC in the file; if it has none, that is logged.
///   - filterPrefix: Names that begin with one of these are left out.
///   - choiceFunc: Says of a name whether it is loaded.
/// - Throws: `FormatError` for a damaged or encrypted file; ``LoadError`` if nothing is left to load.
public func loadCheckpoint(
    _ ckptFileName: FilePath, decKey: EncryptionKey? = nil, decMode: EncryptionMode? = nil, crcCheck: Bool = false,
    filterPrefix: [String] = [], choiceFunc: (String) -> Bool = { _ in true },
    files: any FileSystem = LocalFileSystem()
) throws -> LoadedCheckpoint {
    guard !filterPrefix.contains("") else { throw LoadError.emptyFilter }
    let file = try files.open(ckptFileName)
    if let decMode, decKey != nil, let found = try EncryptionMode.mode(of: file), found != decMode {
        throw LoadError.otherMode(ckptFileName, found: found, expected: decMode)
    }
    // What the CRC is compared with is what is loaded.
    let reader = try CheckpointFormats.open(crcCheck ? VerifyingFile(steady: file) : file, key: decKey)
    if crcCheck, try !reader.verify() {
        Logger(label: "loadCheckpoint").warning("\(ckptFileName) has no CRC that could be compared")
    }
    let wanted = reader.entries.filter { entry in
        choiceFunc(entry.name) && !filterPrefix.contains { entry.name.utf8.starts(with: $0.utf8) }
    }
    let loaded = try wanted.compactMap { entry -> (name: String, value: CheckpointValue)? in
        switch entry.kind {
        case .tensor: (entry.name, .tensor(try reader.tensor(entry.name)))
        case .text: (entry.name, .text(try reader.text(entry.name)))
        // Networks have no map parameters.
        case .map: nil
        case .foreign(let type): throw FormatError.notSupported(name: entry.name, path: ckptFileName, type)
        }
    }
    guard !loaded.isEmpty else { throw LoadError.nothingToLoad(ckptFileName, entryCount: reader.entries.count) }
    return LoadedCheckpoint(loaded.map { (name: $0.name.withoutCacheKey, value: $0.value) })
}

extension String {
    /// The name of a parameter that MindSpore keeps in a host cache, which it saves as `table.__param_key__7`.
    var withoutCacheKey: String {
        let mark = Array(".__param_key__".utf8)
        guard let place = Array(utf8).firstRange(of: mark) else { return self }
        return String(decoding: Array(utf8)[..<place.lowerBound], as: UTF8.self)
    }
}

/// Why a checkpoint cannot be loaded into a network.
public enum LoadError: Error, Equatable, Sendable, CustomStringConvertible {
    /// An empty prefix, which would leave everything out.
    case emptyFilter

    /// The file is encrypted in another mode.
    case otherMode(FilePath, found: EncryptionMode, expected: EncryptionMode)

    /// Nothing is in the file, or everything was filtered out.
    case nothingToLoad(FilePath, entryCount: Int)

    /// A tensor is not of the type of the parameter that has its name.
    case otherType(name: String, found: String, expected: String)

    /// The file does not have all of the network.
    case missing(FilePath, name: String)

    /// One sentence.
    public var description: String {
        switch self {
        case .emptyFilter: "filterPrefix holds an empty text, which every name begins with"
        case .otherMode(let path, let found, let expected):
            "\(path) is encrypted with \(found.rawValue), not with \(expected.rawValue)"
        case .nothingToLoad(let path, let count): "nothing is left to load of the \(count) entries of \(path)"
        case .otherType(let name, let found, let expected):
            "\(name) is \(found) in the checkpoint and \(expected) in the network"
        case .missing(let path, let name): "\(path) has no parameter \(name), which the network has"
        }
    }
}
