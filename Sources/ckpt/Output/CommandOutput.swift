import Files
import FoundationEssentials

/// What people and programs see: results on standard output, errors and progress on standard error.
enum CommandOutput {
    /// Prints lines.
    static func say(_ text: String) throws {
        try StandardStream.output.print(text.visibleLines)
    }

    /// Prints a value as JSON, its fields sorted.
    static func say(json value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
        try say(String(decoding: encoder.encode(value), as: UTF8.self))
    }

    /// Prints an error.
    static func fail(_ sentence: String) {
        complain("ckpt: error: \(sentence.visible)")
    }

    /// Prints what went otherwise than one may think, though nothing failed.
    static func note(_ sentence: String) {
        complain("ckpt: note: \(sentence.visible)")
    }

    /// Prints lines about errors.
    static func complain(_ text: String) {
        // If nobody listens there is nobody to tell.
        StandardStream.error.offer(text.visibleLines + "\n")
    }

    /// Whether lines on standard error can be overwritten.
    static var hasTerminal: Bool { StandardStream.error.isTerminal }

    /// Shows a line that the next one overwrites; only for terminals.
    static func show(_ line: String) {
        StandardStream.error.offer("\r\u{1B}[K" + line)
    }
}
