public import SystemPackage

/// Data that cannot be used.
public enum DataError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A batch that does not fit the dataset.
    case badBatchSize(Int, count: Int)

    /// A dataset without samples.
    case noSamples

    /// A batch that the ranks cannot share, each in so many pieces, one after the other.
    case indivisibleBatch(Int, ranks: Int, pieces: Int)

    /// A file that is not what it should be: what is wrong, in words.
    case badFile(FilePath, String)

    /// Images and labels that do not belong together: what is wrong, in words.
    case mismatch(String)

    /// A folder without the files looked for.
    case missingFiles(directory: FilePath, names: [String])

    /// One sentence that names the thing, the value and what is allowed.
    public var description: String {
        switch self {
        case .badBatchSize(let size, let count):
            "a batch of \(size) cannot be made of \(count) samples; a batch has 1 to \(count)"
        case .noSamples: "the dataset has no samples; it needs at least 1"
        case .indivisibleBatch(let size, let ranks, 1):
            "a batch of \(size) samples cannot be shared evenly among \(ranks) ranks; use a multiple of \(ranks)"
        case .indivisibleBatch(let size, 1, let pieces):
            "a batch of \(size) samples cannot be cut into \(pieces) equal pieces; use a multiple of \(pieces)"
        case .indivisibleBatch(let size, let ranks, let pieces):
            "a batch of \(size) samples cannot be shared evenly among \(ranks) ranks, each with \(pieces) pieces; "
                + "use a multiple of \(ranks) × \(pieces)"
        case .badFile(let path, let problem): "\(path) \(problem)"
        case .mismatch(let problem): problem
        case .missingFiles(let directory, let names):
            "\(directory) has none of the files \(names.joined(separator: ", "))"
        }
    }
}
