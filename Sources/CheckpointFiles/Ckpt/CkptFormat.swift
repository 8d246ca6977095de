public import Files

/// MindSpore's `.ckpt` files.
public struct CkptFormat: Sendable {
    /// Makes the format.
    public init() {}
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension CkptFormat: CheckpointFormat {
    public var fileExtension: String { "ckpt" }

    public func order(of entries: [CheckpointEntry], options: FormatOptions) throws(FormatError) -> [Int] {
        for entry in entries { try CkptWriter.check(entry) }
        return Array(entries.indices)
    }

    public func writer(
        to file: any WritableFile, of entries: [CheckpointEntry], options: FormatOptions
    ) throws(FormatError) -> any CheckpointWriter {
        _ = try order(of: entries, options: options)
        return CkptWriter(to: file, crc: options.crc)
    }

    public func reader(of file: any ReadableFile) throws(FormatError) -> any CheckpointReader {
        try CkptReader(file: file)
    }
}
