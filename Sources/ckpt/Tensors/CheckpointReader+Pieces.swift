import Checkpoints
import Memory

extension CheckpointReader {
    /// Contents pass through memory in pieces of this size, whatever the size of a tensor. No element is cut.
    static var pieceByteCount: Int { 4 << 20 }

    /// Gives the contents of an entry to `body`, piece by piece; each is valid until the next.
    func forEachPiece(of entry: CheckpointEntry, _ body: (Slice<UInt8>) throws -> Void) throws {
        try forEachPiece(of: entry, in: 0..<entry.byteCount, body)
    }

    /// The same for some of the bytes.
    func forEachPiece(
        of entry: CheckpointEntry, in range: Range<Int>, _ body: (Slice<UInt8>) throws -> Void
    ) throws {
        let buffer = Slice<UInt8>(zeros: min(range.count, Self.pieceByteCount))
        for start in stride(from: range.lowerBound, to: range.upperBound, by: Self.pieceByteCount) {
            let piece = buffer[0..<min(Self.pieceByteCount, range.upperBound - start)]
            try read(entry, from: start, into: piece)
            try body(piece)
        }
    }

    /// Fills a piece with contents of an entry from a byte of them on.
    func read(_ entry: CheckpointEntry, from offset: Int, into piece: Slice<UInt8>) throws {
        var span = piece.mutableSpan
        try read(entry.name, from: offset, into: &span)
    }
}
