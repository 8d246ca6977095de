public import Layouts
public import Memory
import SystemPackage
public import Tensors

/// Reads tensors whose slices lie in several files, whole or in part, reading no more of the files than that.
///
///     let files = [0: try CkptReader(file: rank0), 1: try CkptReader(file: rank1)]
///     let reader = try ShardedReader(files, strategy: try StrategyFile(contentsOf: strategy))
///     let whole = try reader.tensor("fc1.weight")
public struct ShardedReader: Sendable {
    /// What the files hold, in the order of the first file, then the next.
    public let parameters: [SavedParameter]

    private let files: [Int: any CheckpointReader]
    private let positions: [ByteName: Int]

    init(_ parameters: [SavedParameter], files: [Int: any CheckpointReader]) {
        self.parameters = parameters
        self.files = files
        positions = Dictionary(parameters.enumerated().map { (ByteName($1.name), $0) }) { first, _ in first }
    }

    /// The parameter of a name; nil if there is none.
    public func parameter(named name: String) -> SavedParameter? {
        positions[name].map { parameters[$0] }
    }

    /// Reads a box of a whole tensor into `target`, in row-major order.
    ///
    /// Of several files that hold the same, `rank` chooses. Throws ``ShardingError/missing(parameter:)`` if there is no
    /// such tensor, and ``FormatError`` if a file cannot be read.
    public func read(
        _ name: String, _ box: ShardRange, into target: Slice<UInt8>, rank: Int = 0
    ) throws {
        guard let parameter = parameter(named: name) else { throw ShardingError.missing(parameter: name) }
        let size = parameter.type.elementType.byteCount
        precondition(
            target.count == box.elementCount * size, "\(box) of \(name) does not fill \(target.count) bytes")
        guard target.count > 0 else { return }
        for piece in parameter.plan(for: box, rank: rank).pieces {
            guard let file = files[piece.source] else {
                preconditionFailure("the file of rank \(piece.source) is not open")
            }
            try file.read(name, piece.runs, into: target, elementByteCount: size)
        }
    }

    /// A whole tensor.
    public func tensor(_ name: String) throws -> Tensor {
        guard let parameter = parameter(named: name) else { throw ShardingError.missing(parameter: name) }
        let tensor = Tensor(zeros: parameter.type.shape, elementType: parameter.type.elementType)
        try read(name, ShardRange(whole: parameter.type.shape.dimensions), into: tensor.bytes)
        return tensor
    }

    /// Fills what rank `rank` holds of a parameter, which may be laid out on another mesh than the files are.
    ///
    /// Throws ``FormatError/wrongKind(name:path:wanted:)`` if the whole tensors differ in type.
    public func load(_ wanted: ShardedParameter, rank: Int) throws {
        guard let saved = parameter(named: wanted.name) else { throw ShardingError.missing(parameter: wanted.name) }
        guard saved.type == wanted.type else {
            let path = files.keys.filter(saved.isHeld).min().flatMap { files[$0]?.path } ?? ""
            throw FormatError.wrongKind(name: wanted.name, path: path, wanted: "\(wanted.type)")
        }
        try read(wanted.name, wanted.box(of: rank), into: wanted.local.bytes, rank: rank)
    }
}

extension ShardedParameter {
    /// What a rank holds, as a box in the whole tensor.
    func box(of rank: Int) -> ShardRange {
        sharding?.range(of: rank) ?? ShardRange(whole: type.shape.dimensions)
    }
}

extension CheckpointReader {
    // Reading less than this at a time costs more in calls than in bytes; at most this much is read in vain between two
    // stretches.
    private static var shortRunByteCount: Int { 1 << 12 }

    private static var windowByteCount: Int { 1 << 20 }

    /// Reads stretches of an entry to their places in `target`.
    ///
    /// Short stretches that lie close together, as the columns of a matrix do, are read with what lies between them.
    fileprivate func read(
        _ name: String, _ runs: CopyRuns, into target: Slice<UInt8>, elementByteCount size: Int
    ) throws(FormatError) {
        let count = runs.runCount * size
        guard count < Self.shortRunByteCount else {
            for run in runs {
                var bytes = target[run.target * size..<run.target * size + count].mutableSpan
                try read(name, from: run.source * size, into: &bytes)
            }
            return
        }
        var batch: [CopyRuns.Run] = []
        for run in runs {
            if let first = batch.first, let last = batch.last {
                let gap = (run.source - last.source) * size - count
                let window = (run.source - first.source) * size + count
                if gap > Self.shortRunByteCount || window > Self.windowByteCount {
                    try read(name, batch, into: target, size)
                    batch.removeAll(keepingCapacity: true)
                }
            }
            batch.append(run)
        }
        try read(name, batch, into: target, size)
    }

    /// Reads ascending stretches with what lies between them.
    private func read(
        _ name: String, _ batch: [CopyRuns.Run], into target: Slice<UInt8>, _ size: Int
    ) throws(FormatError) {
        guard let first = batch.first, let last = batch.last else { return }
        let window = Slice<UInt8>(zeros: (last.source + last.count - first.source) * size)
        var bytes = window.mutableSpan
        try read(name, from: first.source * size, into: &bytes)
        for run in batch {
            let start = (run.source - first.source) * size
            target[run.target * size..<(run.target + run.count) * size].copy(
                from: window[start..<start + run.count * size])
        }
    }
}
