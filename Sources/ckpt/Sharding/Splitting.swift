import Checkpoints
import Files
import Layouts
import Memory
import Tensors

/// Cutting whole tensors into the slices of ranks, a few megabytes at a time.
struct Splitting {
    /// The number of ranks.
    let rankCount: Int

    /// The format of the files: that of the input.
    let format: any CheckpointFormat

    private let reader: any CheckpointReader
    private let boxes: ShardedReader
    private let shardings: [ByteName: TensorSharding]
    private let options: FormatOptions

    /// Throws a sentence if the strategy does not fit the tensors.
    init(_ reader: any CheckpointReader, _ strategy: StrategyFile, crc: Bool) throws {
        var shardings: [ByteName: TensorSharding] = [:]
        for item in strategy.items {
            guard let type = reader.entry(named: item.parameter)?.tensorType else { continue }
            let layout = try item.layout()
            do throws(LayoutError) {
                shardings[item.parameter] = try TensorSharding(of: type.shape.dimensions, layout)
            } catch {
                throw ShardingError.layout(parameter: item.parameter, error)
            }
        }
        let counts = Set(shardings.values.map(\.layout.mesh.rankCount)).sorted()
        guard let rankCount = counts.first else { throw Refusal("the strategy names no tensor of \(reader.path)") }
        guard counts.count == 1 else {
            throw Refusal("the strategy is for \(counts) ranks at once; one number is allowed")
        }
        self.rankCount = rankCount
        self.reader = reader
        self.shardings = shardings
        format = reader is SafetensorsReader ? SafetensorsFormat() : CkptFormat()
        options = FormatOptions(crc: crc)
        // As the file of a single rank, of which boxes can be read.
        boxes = try ShardedReader([0: reader])
    }

    /// Writes the file of a rank.
    func write(rank: Int, to file: any WritableFile) throws {
        let entries = reader.entries.map(slice)
        let writer = try format.writer(to: file, of: entries, options: options)
        for index in try format.order(of: entries, options: options) {
            try writer.begin(entries[index])
            let whole = reader.entries[index]
            guard let sharding = shardings[whole.name], let type = whole.tensorType else {
                try reader.forEachPiece(of: whole) { try writer.append($0.span) }
                continue
            }
            try write(whole.name, type.elementType, sharding.range(of: rank), to: writer)
        }
        try writer.finish()
    }

    /// What each rank has of an entry.
    private func slice(of entry: CheckpointEntry) -> CheckpointEntry {
        guard let sharding = shardings[entry.name], let type = entry.tensorType else { return entry }
        return CheckpointEntry(entry.name, type.elementType, Shape(sharding.shardShape))
    }

    private func write(
        _ name: String, _ type: ElementType, _ slice: ShardRange, to writer: any CheckpointWriter
    ) throws {
        let limit = Piece.byteCount / type.byteCount
        let buffer = Slice<UInt8>(zeros: min(slice.elementCount, limit) * type.byteCount)
        for chunk in RowMajorChunks(of: slice.shape, elementLimit: limit) {
            let piece = buffer[0..<chunk.elementCount * type.byteCount]
            try boxes.read(name, chunk.shifted(by: slice), into: piece)
            try writer.append(piece.span)
        }
    }
}
