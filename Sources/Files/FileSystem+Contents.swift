public import SystemPackage

extension FileSystem {
    /// Reads a whole file of at most `limit` bytes.
    public func contents(of path: FilePath, limit: Int) throws(FileError) -> [UInt8] {
        try open(path).contents(limit: limit)
    }

    /// Replaces a file in one step: whoever looks sees the old contents or the new, whatever happens in between.
    ///
    /// The bytes go to `path` with ".tmp" appended, then to stable storage, and are then renamed. If that fails, the
    /// temporary file is deleted and the old contents stand.
    public func replaceContents(of path: FilePath, with bytes: [UInt8]) throws(FileError) {
        let temporary = FilePath(text: path.text + ".tmp")
        do {
            let file = try create(temporary)
            try file.write(bytes.span)
            try file.synchronize()
            try file.close()
            try rename(temporary, to: path)
        } catch {
            try? remove(temporary)
            throw error
        }
        try synchronizeDirectory(path.removingLastComponent())
    }
}

extension ReadableFile {
    /// All bytes, `limit` at most.
    public func contents(limit: Int) throws(FileError) -> [UInt8] {
        guard byteCount <= limit else {
            throw FileError("read", path, reason: "it has \(byteCount) bytes, and \(limit) are allowed")
        }
        var bytes = [UInt8](repeating: 0, count: byteCount)
        var span = bytes.mutableSpan
        try read(into: &span, at: 0)
        return bytes
    }
}
