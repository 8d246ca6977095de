extension WritableFile {
    /// Appends bytes, all of them.
    public func write(_ bytes: Span<UInt8>) throws(FileError) {
        try unsafe write(bytes.bytes)
    }
}

extension Checksum {
    /// Adds the bytes that follow.
    public mutating func update(_ bytes: Span<UInt8>) {
        unsafe update(bytes.bytes)
    }
}

extension CRC32 {
    /// Adds the bytes that follow.
    public mutating func update(_ bytes: Span<UInt8>) {
        unsafe update(bytes.bytes)
    }
}
