import Memory
public import Tensors

/// A checkpoint file being written, entry after entry, without holding contents in memory.
///
/// The file is given and closed by the caller, who synchronizes and renames it as the publish protocol says.
public protocol CheckpointWriter: AnyObject {
    /// Begins the next entry. The one before must be complete.
    ///
    /// Throws ``FormatError`` if the format cannot store the entry or the file cannot be written.
    func begin(_ entry: CheckpointEntry) throws(FormatError)

    /// Appends contents to the entry begun last; together `entry.byteCount` bytes, in pieces of any size.
    func append(_ bytes: Span<UInt8>) throws(FormatError)

    /// Writes the end of the file. The last entry must be complete; nothing may follow.
    func finish() throws(FormatError)
}

extension CheckpointWriter {
    /// Writes an entry with all its contents.
    public func write(_ entry: CheckpointEntry, _ bytes: Span<UInt8>) throws(FormatError) {
        try begin(entry)
        try append(bytes)
    }

    /// Writes a value under a name.
    public func write(_ name: String, _ value: CheckpointValue) throws(FormatError) {
        let entry = value.entry(named: name)
        guard case .tensor(let tensor) = value else { return try write(entry, value.smallBytes.span) }
        try write(entry, tensor.bytes.span)
    }

    /// Writes a tensor under a name.
    public func write(_ name: String, _ tensor: Tensor) throws(FormatError) {
        try write(name, .tensor(tensor))
    }
}
