import Files
import Memory

extension ReadableFile {
    /// Gives all bytes to `body`, in pieces of a few megabytes; each is valid until the next.
    func forEachPiece(_ body: (Slice<UInt8>) throws -> Void) throws {
        let buffer = Slice<UInt8>(zeros: min(byteCount, Piece.byteCount))
        for start in stride(from: 0, to: byteCount, by: Piece.byteCount) {
            let piece = buffer[0..<min(Piece.byteCount, byteCount - start)]
            var span = piece.mutableSpan
            try read(into: &span, at: start)
            try body(piece)
        }
    }
}
