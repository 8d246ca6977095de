import FoundationEssentials
import Glibc
import SystemPackage

/// What people and programs see: results on standard output, errors and progress on standard error.
enum Console {
    /// Prints lines.
    static func say(_ text: String) throws {
        do {
            try FileDescriptor.standardOutput.writeAll((text + "\n").utf8)
        } catch {
            throw Refusal("cannot write to standard output: \(error)")
        }
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
        complain("ckpt: error: \(sentence)")
    }

    /// Prints lines about errors.
    static func complain(_ text: String) {
        // If nobody listens there is nobody to tell.
        _ = try? FileDescriptor.standardError.writeAll((text + "\n").utf8)
    }

    /// Whether lines on standard error can be overwritten.
    static var hasTerminal: Bool { isatty(FileDescriptor.standardError.rawValue) == 1 }

    /// Shows a line that the next one overwrites; only for terminals.
    static func show(_ line: String) {
        _ = try? FileDescriptor.standardError.writeAll(("\r\u{1B}[K" + line).utf8)
    }
}
