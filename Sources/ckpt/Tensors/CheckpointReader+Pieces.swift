import Checkpoints
import Memory

/// The pieces in which contents pass through memory, whatever the size of a tensor.
enum Piece {
    /// Their size in bytes: large enough that a call costs its bytes, and no element is cut.
    static let byteCount = 4 << 20
}

extension CheckpointReader {
    /// Gives the contents of an entry to `body`, piece by piece; each is valid until the next.
    func forEachPiece(of entry: CheckpointEntry, _ body: (Slice<UInt8>) throws -> Void) throws {
        try forEachPiece(of: entry, in: 0..<entry.byteCount, body)
    }

    /// The same for some of the bytes.
    func forEachPiece(
        of entry: CheckpointEntry, in range: Range<Int>, _ body: (Slice<UInt8>) throws -> Void
    ) throws {
        let buffer = Slice<UInt8>(zeros: min(range.count, Piece.byteCount))
        for start in stride(from: range.lowerBound, to: range.upperBound, by: Piece.byteCount) {
            let piece = buffer[0..<min(Piece.byteCount, range.upperBound - start)]
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
