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
        var kinds = RankKinds(files.keys)
        // Numbers without dimensions cannot be slices; each rank may have its own.
        let parameters = slices.parameters.filter { $0.type.byteCount > 0 && $0.type.shape.rank > 0 }
        for parameter in parameters {
            let samples = try samples(of: parameter)
            var ofShards: [Int: (rank: Int, sample: SliceSample)] = [:]
            for (rank, sample) in samples {
                let shard = parameter.sharding.shardIndex(of: rank)
                guard let first = ofShards[shard] else {
                    ofShards[shard] = (rank, sample)
                    continue
                }
                if first.sample != sample {
                    return "ranks \(first.rank) and \(rank) hold different values of \(parameter.name)"
                }
            }
            if ofShards.count > 1 { kinds.compare(samples, parameter.sharding) }
        }
        guard let pair = kinds.twins else { return nil }
        let name = try parameters.first { try tells(apart: pair, $0) }?.name ?? ""
        return "ranks \(pair.first) and \(pair.second) hold the same of \(name), and should hold different slices"
    }

    /// What each rank's file holds of a parameter, in places, by ascending rank.
    private func samples(of parameter: SavedParameter) throws -> [(rank: Int, sample: SliceSample)] {
        try parameter.ranks.compactMap { rank in
            guard let file = files[rank] else { return nil }
            return (rank, try SliceSample(of: parameter.name, parameter.sliceType, in: file))
        }
    }

    /// Whether two ranks should hold different slices of a parameter, and values by which that could be seen.
    private func tells(apart pair: (first: Int, second: Int), _ parameter: SavedParameter) throws -> Bool {
        guard parameter.isHeld(by: pair.first), parameter.isHeld(by: pair.second), let file = files[pair.first],
            parameter.sharding.shardIndex(of: pair.first) != parameter.sharding.shardIndex(of: pair.second)
        else { return false }
        return try !SliceSample(of: parameter.name, parameter.sliceType, in: file).isUniform
    }
}

/// Which ranks cannot be told apart by what they hold: the more parameters are looked at, the fewer. Two by two they would be
/// too many to compare.
private struct RankKinds {
    /// Ranks with the same number hold the same of every parameter that ranks share.
    private var contents: [Int: Int]

    /// Ranks with the same number should hold the same of them, as far as it can be seen.
    private var shards: [Int: Int]

    // How many numbers were given.
    private var count = 0

    init(_ ranks: some Sequence<Int>) {
        contents = Dictionary(uniqueKeysWithValues: ranks.map { ($0, 0) })
        shards = contents
    }

    /// Tells ranks apart by a parameter.
    mutating func compare(_ samples: [(rank: Int, sample: SliceSample)], _ sharding: TensorSharding) {
        refine(\.contents, by: samples.map { ($0.rank, $0.sample) })
        let visible = samples.filter { !$0.sample.isUniform }
        refine(\.shards, by: visible.map { ($0.rank, sharding.shardIndex(of: $0.rank)) })
    }

    /// Two ranks that hold the same and should not, the lowest; nil if there are none.
    var twins: (first: Int, second: Int)? {
        let same = Dictionary(grouping: contents.keys.sorted()) { contents[$0] }.values
        let pairs = same.compactMap { ranks -> (first: Int, second: Int)? in
            guard let first = ranks.first, let second = ranks.first(where: { shards[$0] != shards[first] }) else {
                return nil
            }
            return (first, second)
        }
        return pairs.min { ($0.first, $0.second) < ($1.first, $1.second) }
    }

    /// Those that hold a parameter are told from those that do not, too: what these hold of it is not known.
    private mutating func refine<Value: Hashable>(
        _ kinds: WritableKeyPath<Self, [Int: Int]>, by values: [(rank: Int, value: Value)]
    ) {
        var numbers: [Kind<Value>: Int] = [:]
        for (rank, value) in values {
            let kind = Kind(old: self[keyPath: kinds][rank] ?? 0, value: value)
            let number = numbers[kind] ?? count + 1
            numbers[kind] = number
            count = max(count, number)
            self[keyPath: kinds][rank] = number
        }
    }

    private struct Kind<Value: Hashable>: Hashable {
        let old: Int
        let value: Value
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

/// Bytes from the beginning, the middle and the end of a slice.
private struct SliceSample: Hashable {
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
