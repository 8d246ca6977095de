import Checkpoints
import Files
import Layouts
import SystemPackage
import Tensors

/// Finds out whether the files of ranks can be what a strategy says of them.
///
/// A strategy of another set may name the same parameters: then slices would be put together wrongly, or be written as
/// whole, without a word. What gives it away: ranks that should hold the same of a parameter do not; or two ranks that
/// should hold different slices hold the same of every parameter. A few kilobytes of each slice are compared.
struct StrategyCheck {
    private let slices: ShardedReader
    private let files: [Int: any CheckpointReader]

    init(_ slices: ShardedReader, files: [Int: any CheckpointReader]) {
        self.slices = slices
        self.files = files
    }

    /// What speaks against it, as a sentence; nil if nothing does.
    func problem() throws -> String? {
        var twins: [RankPair: String] = [:]
        var different: Set<RankPair> = []
        // Numbers without dimensions cannot be slices; each rank may have its own.
        for parameter in slices.parameters where parameter.type.byteCount > 0 && parameter.type.shape.rank > 0 {
            let samples = try samples(of: parameter)
            let shards = parameter.sharding.shards.map { $0.ranks.filter { samples[$0] != nil } }
            for ranks in shards {
                if let first = ranks.first, let other = ranks.first(where: { samples[$0] != samples[first] }) {
                    return "ranks \(first) and \(other) hold different values of \(parameter.name)"
                }
            }
            for pair in RankPair.all(of: shards.compactMap(\.first)) where !different.contains(pair) {
                guard let one = samples[pair.first], let other = samples[pair.second] else { continue }
                if one != other {
                    different.insert(pair)
                } else if !one.isUniform {
                    twins[pair] = twins[pair] ?? parameter.name
                }
            }
        }
        let pair = twins.keys.filter { !different.contains($0) }.min { ($0.first, $0.second) < ($1.first, $1.second) }
        guard let pair, let name = twins[pair] else { return nil }
        return "ranks \(pair.first) and \(pair.second) hold the same of \(name), and should hold different slices"
    }

    /// What each rank's file holds of a parameter, in places.
    private func samples(of parameter: SavedParameter) throws -> [Int: SliceSample] {
        var samples: [Int: SliceSample] = [:]
        for (rank, file) in files where parameter.isHeld(by: rank) {
            samples[rank] = try SliceSample(of: parameter.name, parameter.sliceType, in: file)
        }
        return samples
    }
}

/// Files that are not what a strategy says of them, or are no whole tensors without one.
struct StrategyMismatch: Error {
    /// What gave it away, as a clause.
    let problem: String

    /// The sentence for who named both.
    func sentence(about strategy: String?, of directory: FilePath) -> String {
        guard let strategy else {
            return "\(directory) is a directory; name its strategy file with --strategy, or the manifest of a set in it"
        }
        return "\(strategy) is not the strategy of \(directory): \(problem)"
    }
}

extension StrategyFile {
    /// Why files of ranks cannot be those of this strategy, by its names and numbers alone; nil if they can.
    func problem(of files: [Int: any CheckpointReader]) -> String? {
        let names = Set(files.values.flatMap(\.entries).map { ByteName($0.name) })
        guard items.contains(where: { names.contains($0.parameter) }) else {
            let stages = items.filter { item in item.nameInStage.map(names.contains) ?? false }
            guard let first = stages.first else { return "it names no tensor of them" }
            return "it is one of several pipeline stages (\(first.parameter)), which cannot be merged"
        }
        // A mesh of more ranks than there can be is refused when slices are laid out on it.
        let rankCounts = Set(items.compactMap { OutsideNumber.product($0.deviceMatrix) }).sorted()
        guard let most = rankCounts.last, let rank = files.keys.max(), rank >= most else { return nil }
        return "it is for \(HumanText.count(most, "rank")), and there is a rank \(rank)"
    }
}

extension StrategyFile.Item {
    /// The name behind the number of a pipeline stage, as in "1-w"; nil without one.
    fileprivate var nameInStage: String? {
        let parts = parameter.split(separator: "-", maxSplits: 1)
        return parts.count == 2 && OutsideNumber(parts[0]) != nil ? String(parts[1]) : nil
    }
}

private struct RankPair: Hashable {
    let first: Int
    let second: Int

    static func all(of ranks: [Int]) -> [RankPair] {
        let ranks = ranks.sorted()
        return ranks.indices.flatMap { index in
            ranks[(index + 1)...].map { RankPair(first: ranks[index], second: $0) }
        }
    }
}

/// Bytes from the beginning, the middle and the end of a slice.
private struct SliceSample: Equatable {
    private static let byteCount = 16 << 10

    private let bytes: [UInt8]

    /// Whether it is zeros or the like, in which all slices may be equal.
    let isUniform: Bool

    init(of name: String, _ type: TensorType, in file: any CheckpointReader) throws(FormatError) {
        let count = type.byteCount
        let size = min(count, Self.byteCount)
        var bytes: [UInt8] = []
        for start in Set([0, (count - size) / 2, count - size]).sorted() {
            var part = [UInt8](repeating: 0, count: size)
            var span = part.mutableSpan
            try file.read(name, from: start, into: &span)
            bytes += part
        }
        self.bytes = bytes
        let element = type.elementType.byteCount
        isUniform = bytes.indices.dropFirst(element).allSatisfy { bytes[$0] == bytes[$0 - element] }
    }
}
