public import Files
public import SystemPackage

/// Why a set of checkpoint files cannot be used.
public enum CheckpointSetError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The system refused.
    case file(FileError)

    /// A manifest is not what it must be.
    case manifest(path: FilePath, problem: String)

    /// A file of a set is not there, neither under its name nor under its pending one.
    case missing(path: FilePath, set: String)

    /// A file of a set has another size than its manifest says.
    case wrongSize(path: FilePath, found: Int, expected: Int)

    /// A file of a set has other bytes than its manifest says.
    case wrongChecksum(path: FilePath, found: String, expected: String)

    /// A file of a set has other bytes than its manifest says, by the code that the key makes of them. That code is not
    /// told: with it, the bytes would be authentic.
    case wrongCode(path: FilePath)

    /// The key does not prove the set.
    case notAuthentic(name: String, reason: String)

    /// The set was saved by another model.
    case otherModel(name: String, found: String, expected: String)

    /// The set is whole, but cannot be read.
    case unreadable(name: String, reason: String)

    /// The set cannot be published as it was described.
    case unpublishable(name: String, reason: String)

    /// Another set now has the name of one that was being read or removed.
    case replaced(name: String)

    /// A rank does not see a set that rank 0 sees in its directory of that name.
    case notShared(directory: FilePath, set: String, rank: Int)

    /// A set was removed while it was being read.
    case removed(name: String)

    /// There are sets, and none can be used; each with its reason.
    case nothingUsable(directory: FilePath, reasons: [String])

    /// One sentence.
    public var description: String {
        switch self {
        case .file(let error): error.description
        case .manifest(let path, let problem): "\(path) is no manifest that can be read: \(problem)"
        case .missing(let path, let set): "\(path) of checkpoint \(set) is missing"
        case .wrongSize(let path, let found, let expected):
            "\(path) is damaged: it has \(found) bytes, and its manifest says \(expected)"
        case .wrongChecksum(let path, let found, let expected):
            "\(path) is damaged: its checksum is \(found), and its manifest says \(expected)"
        case .wrongCode(let path): "\(path) is damaged, or was changed: the code in its manifest is of other bytes"
        case .notAuthentic(let name, let reason): "the key does not prove checkpoint \(name): \(reason)"
        case .otherModel(let name, let found, let expected):
            "checkpoint \(name) is of another model: \(found) instead of \(expected)"
        case .unreadable(let name, let reason): "checkpoint \(name) cannot be read: \(reason)"
        case .unpublishable(let name, let reason): "checkpoint \(name) cannot be published: \(reason)"
        case .replaced(let name): "checkpoint \(name) was replaced by a newer one in between"
        case .notShared(let directory, let set, let rank):
            "rank \(rank) does not see checkpoint \(set) in \(directory), and rank 0 does; all ranks need a directory that "
                + "they share"
        case .removed(let name): "checkpoint \(name) was removed in between"
        case .nothingUsable(let directory, let reasons):
            "no checkpoint in \(directory) can be used: \(reasons.joined(separator: "; "))"
        }
    }
}
