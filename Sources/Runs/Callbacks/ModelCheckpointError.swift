import Files

/// What a ``ModelCheckpoint`` cannot be made with.
public enum ModelCheckpointError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A prefix that cannot begin the name of a file.
    case badPrefix(String)

    /// A directory without a name, or with one that is too long.
    case badDirectory(String)

    /// A number of samples that is none.
    case badGlobalBatchSize(Int)

    /// A prefix in which MindFormers' loader finds the number of a rank.
    case prefixNamesRank(String)

    /// One sentence that names the thing, the value and what is allowed.
    public var description: String {
        switch self {
        case .badPrefix(let prefix): "the prefix is \(FileNameStart.described(prefix))"
        case .badDirectory(let path):
            "the directory is \"\(path.prefix(80))\", of \(path.utf8.count) bytes; it must be a path of at most 1024"
        case .badGlobalBatchSize(let size): "globalBatchSize is \(size); it must be at least 0"
        case .prefixNamesRank(let prefix):
            "the prefix is \"\(prefix)\"; it must not hold \"rank_\" and a digit, which MindFormers' loader takes for the "
                + "rank of a file"
        }
    }

    static func check(prefix: String) throws(ModelCheckpointError) {
        guard FileNameStart.isValid(prefix) else { throw .badPrefix(prefix) }
    }

    static func check(directory: String) throws(ModelCheckpointError) {
        guard directory.utf8.count <= 1024, !directory.allSatisfy(\.isWhitespace) else {
            throw .badDirectory(directory)
        }
    }
}
