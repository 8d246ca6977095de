import Checkpoints
import Files
import Memory

extension CheckpointReader {
    /// Writes all entries to a file, in any format, piece by piece.
    func copy(to format: any CheckpointFormat, options: FormatOptions, _ file: any WritableFile) throws {
        let entries = entries
        let writer = try format.writer(to: file, of: entries, options: options)
        for index in try format.order(of: entries, options: options) {
            try writer.begin(entries[index])
            try forEachPiece(of: entries[index]) { try writer.append($0.span) }
        }
        try writer.finish()
    }
}
