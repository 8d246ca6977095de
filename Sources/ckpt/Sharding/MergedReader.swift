import Checkpoints
import Files
import Layouts
import Memory
import SystemPackage
import Tensors

/// The slices in the files of several ranks, read as if they were one file of whole tensors.
final class MergedReader: CheckpointReader {
    let path: FilePath
    let entries: [CheckpointEntry]

    private let slices: ShardedReader
    private let filesOfRanks: [Int: any CheckpointReader]
    private let files: [any CheckpointReader]
    // Where each entry stands here, and which of the files is the first that has it.
    private let places: [ByteName: (entry: Int, file: Int)]

    /// Puts the files of ranks together; `path` names them all.
    init(_ files: [Int: any CheckpointReader], strategy: StrategyFile, path: FilePath) throws(ShardingError) {
        let slices = try ShardedReader(files, strategy: strategy)
        let inOrder = files.sorted { $0.key < $1.key }.map(\.value)
        var places: [ByteName: (entry: Int, file: Int)] = [:]
        var entries: [CheckpointEntry] = []
        for (index, file) in inOrder.enumerated() {
            for entry in file.entries where places[entry.name] == nil {
                places[entry.name] = (entries.count, index)
                let whole = slices.parameter(named: entry.name).map { CheckpointEntry(entry.name, .tensor($0.type)) }
                entries.append(whole ?? entry)
            }
        }
        self.path = path
        filesOfRanks = files
        self.slices = slices
        self.files = inOrder
        self.places = places
        self.entries = entries
    }

    func entry(named name: String) -> CheckpointEntry? { places[name].map { entries[$0.entry] } }

    func read(_ name: String, from offset: Int, into bytes: inout MutableSpan<UInt8>) throws(FormatError) {
        guard let type = slices.parameter(named: name)?.type else {
            // Texts and maps are the same in all files that have them.
            guard let place = places[name] else { throw .missing(name: name, path: path) }
            return try files[place.file].read(name, from: offset, into: &bytes)
        }
        let size = type.elementType.byteCount
        precondition(
            offset % size == 0 && bytes.count % size == 0,
            "bytes \(offset)..<\(offset + bytes.count) of \(name) are no whole elements of \(size) bytes")
        let buffer = Slice<UInt8>(zeros: bytes.count)
        var start = 0
        let elements = offset / size..<(offset + bytes.count) / size
        for box in ShardRange.covering(elements, of: type.shape.dimensions) {
            let target = buffer[start..<start + box.elementCount * size]
            try read(name, box, into: target)
            start += target.count
        }
        let source = buffer.span
        for index in source.indices { bytes[index] = source[index] }
    }

    /// Throws ``StrategyMismatch`` if the files cannot be what the strategy says of them.
    func checkStrategy() throws {
        if let problem = try StrategyCheck(slices, files: filesOfRanks).problem() {
            throw StrategyMismatch(problem: problem)
        }
    }

    /// Verifies each of the files. False if one of them has no CRC.
    func verify() throws(FormatError) -> Bool {
        var isVerified = true
        for file in files { isVerified = try file.verify() && isVerified }
        return isVerified
    }

    private func read(_ name: String, _ box: ShardRange, into target: Slice<UInt8>) throws(FormatError) {
        do {
            try slices.read(name, box, into: target)
        } catch let error as FormatError {
            throw error
        } catch {
            throw .missing(name: name, path: path)
        }
    }
}
