public import Files

/// A kind of checkpoint file.
///
/// Some formats state all entries before any contents, so a file is written in two steps: all entries are declared,
/// then their contents stream in the order the format demands. Every rank can compute that order by itself, which lets
/// them gather split tensors in step with a writer on rank 0.
///
///     let writer = try format.writer(to: file, of: entries)
///     for index in try format.order(of: entries) {
///         try writer.write(entries[index], contents[index].span)
///     }
///     try writer.finish()
public protocol CheckpointFormat: Sendable {
    /// The extension of its files, without the dot: "ckpt".
    var fileExtension: String { get }

    /// The indices of `entries` in the order their contents must be written in.
    ///
    /// An index may occur twice: then the contents are needed twice. Throws ``FormatError/cannotStore(name:reason:)`` if an entry
    /// cannot be stored.
    func order(of entries: [CheckpointEntry], options: FormatOptions) throws(FormatError) -> [Int]

    /// Begins a file to which nothing has been written.
    func writer(
        to file: any WritableFile, of entries: [CheckpointEntry], options: FormatOptions
    ) throws(FormatError) -> any CheckpointWriter

    /// Opens a file of this format.
    func reader(of file: any ReadableFile) throws(FormatError) -> any CheckpointReader
}

extension CheckpointFormat {
    /// The order without options.
    public func order(of entries: [CheckpointEntry]) throws(FormatError) -> [Int] {
        try order(of: entries, options: FormatOptions())
    }

    /// Begins a file without options.
    public func writer(
        to file: any WritableFile, of entries: [CheckpointEntry]
    ) throws(FormatError) -> any CheckpointWriter {
        try writer(to: file, of: entries, options: FormatOptions())
    }
}

/// What a file says besides its entries.
public struct FormatOptions: Hashable, Sendable {
    /// Whether the file carries a CRC-32 (MindSpore's `crc_check`).
    public var crc: Bool

    /// Whether other ranks' files hold what this one leaves out. Only `.safetensors` says so; nil says nothing.
    public var removeRedundancy: Bool?

    /// Makes options.
    public init(crc: Bool = false, removeRedundancy: Bool? = nil) {
        self.crc = crc
        self.removeRedundancy = removeRedundancy
    }
}

/// The formats there are.
public enum CheckpointFormats {
    /// All of them.
    public static let all: [any CheckpointFormat] = [CkptFormat(), SafetensorsFormat()]

    /// The format whose files end in this extension, without the dot; nil if there is none.
    public static func named(_ fileExtension: String) -> (any CheckpointFormat)? {
        all.first { $0.fileExtension == fileExtension }
    }
}
