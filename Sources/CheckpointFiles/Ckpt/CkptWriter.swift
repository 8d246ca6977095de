public import Files
import Tensors

/// Writes a `.ckpt` file, byte for byte as MindSpore's `save_checkpoint` does.
///
///     let writer = CkptWriter(to: file)
///     try writer.write("conv1.weight", tensor)
///     try writer.write("epoch_num", .integer(3))
///     try writer.finish()
///
/// Nothing is held in memory but the heads of the current entry, so contents may come in pieces of any size. Tensors without
/// elements leave no trace in the file, as in MindSpore. Map entries of one name may follow each other; readers join them along
/// the first dimension. MindSpore leaves maps out of the CRC and then cannot verify its own file; here they count, which
/// MindSpore accepts.
public final class CkptWriter {
    /// The largest piece of a tensor in a record: MindSpore's `SLICE_SIZE`.
    public static let sliceByteCount = 512 << 20

    private let file: any WritableFile
    private let sliceByteCount: Int
    private var crc: CRC32?
    private var entry: CheckpointEntry?
    private var segments: ArraySlice<CkptSegment> = []
    private var segmentBytesLeft = 0
    private var names: Set<ByteName> = []

    /// Begins a file to which nothing has been written. With `crc`, ``finish()`` appends the CRC-32 of all bytes.
    public init(to file: any WritableFile, crc: Bool = false, sliceByteCount: Int = CkptWriter.sliceByteCount) {
        precondition(sliceByteCount > 0, "a slice cannot have \(sliceByteCount) bytes")
        self.file = file
        self.sliceByteCount = sliceByteCount
        self.crc = crc ? CRC32() : nil
    }

    /// Throws unless MindSpore can load what this entry becomes.
    static func check(_ entry: CheckpointEntry) throws(FormatError) {
        switch entry.kind {
        case .text: return
        case .foreign(let type): throw .cannotStore(name: entry.name, reason: type.refusal)
        case .tensor(let type): try check(type, of: entry)
        case .map(let keys, let values, let status):
            for part in [keys, values, status] {
                guard [.int32, .float16, .float32, .float64].contains(part.elementType) else {
                    throw .cannotStore(
                        name: entry.name,
                        reason: "maps hold Int32, Float16, Float32 or Float64, not \(part.elementType.mindSporeName)")
                }
                try check(part, of: entry)
            }
        }
    }

    private static func check(_ type: TensorType, of entry: CheckpointEntry) throws(FormatError) {
        // MindSpore's loader casts dimensions to a C int.
        guard type.shape.dimensions.allSatisfy({ $0 <= Int32.max }) else {
            throw .cannotStore(name: entry.name, reason: "a dimension of \(type.shape) exceeds \(Int32.max)")
        }
    }

    private func put(_ bytes: Span<UInt8>) throws(FormatError) {
        crc?.update(bytes)
        try file.put(bytes)
    }

    /// Writes the heads of the segments that come next, up to the first that has contents.
    private func advance() throws(FormatError) {
        while segmentBytesLeft == 0, let next = segments.popFirst() {
            try put(next.head.span)
            segmentBytesLeft = next.byteCount
        }
    }

    private func checkComplete() {
        let left = segmentBytesLeft + segments.map(\.byteCount).reduce(0, +)
        precondition(left == 0, "\(left) bytes of \(entry?.name ?? "") are missing")
    }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension CkptWriter: CheckpointWriter {
    public func begin(_ entry: CheckpointEntry) throws(FormatError) {
        checkComplete()
        try Self.check(entry)
        if case .map = entry.kind, let last = self.entry, case .map = last.kind,
            ByteName(entry.name) == ByteName(last.name)
        {
            // Another slice of the same map.
        } else if !names.add(entry.name) {
            throw .cannotStore(name: entry.name, reason: "the file has an entry of this name already")
        }
        self.entry = entry
        segments = CkptFraming.segments(of: entry, sliceByteCount: sliceByteCount)[...]
        try advance()
    }

    public func append(_ bytes: Span<UInt8>) throws(FormatError) {
        var start = 0
        while start < bytes.count {
            precondition(segmentBytesLeft > 0, "\(bytes.count - start) bytes too many for \(entry?.name ?? "nothing")")
            let end = min(start + segmentBytesLeft, bytes.count)
            try put(bytes.extracting(start..<end))
            segmentBytesLeft -= end - start
            start = end
            try advance()
        }
    }

    public func finish() throws(FormatError) {
        checkComplete()
        guard let crc else { return }
        self.crc = nil
        try put(CkptFraming.trailer(crc: crc.value).span)
    }
}
