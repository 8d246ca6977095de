public import SystemPackage

extension FileSystem {
    /// Reads a whole file of at most `limit` bytes.
    public func contents(of path: FilePath, limit: Int) throws(FileError) -> [UInt8] {
        try open(path).contents(limit: limit)
    }

    /// Replaces a file in one step: whoever looks sees the old contents or the new, whatever happens in between.
    ///
    /// The bytes go to a name beside it that nobody can guess, unless `isDurable` is false to stable storage, and are then
    /// renamed. If that fails, this file is deleted and the old contents stand. What is not durable may be empty after a
    /// power failure.
    public func replaceContents(
        of path: FilePath, with bytes: [UInt8], permissions: Int = 0o644, isDurable: Bool = true
    ) throws(FileError) {
        let temporary = unguessablePath(beside: path, "tmp")
        do {
            let file = try create(temporary, permissions: permissions)
            try file.write(bytes.span)
            if isDurable { try file.synchronize() }
            try file.close()
            try rename(temporary, to: path)
        } catch {
            try? remove(temporary)
            throw error
        }
        if isDurable { try synchronizeDirectory(path.removingLastComponent()) }
    }
}

extension FileSystem {
    /// Makes the name of a directory durable, and those of the directories that it lies in: whoever made them may have ended
    /// before they were. What nobody may synchronize here was not made by the user of this process.
    package func synchronizeName(of directory: FilePath) throws(FileError) {
        var path = directory
        while !path.isEmpty, path != "/" {
            path.removeLastComponent()
            do {
                try synchronizeDirectory(path)
            } catch {
                let foreign: [Errno] = [.permissionDenied, .notPermitted, .readOnlyFileSystem, .invalidArgument]
                guard let errno = error.errno, foreign.contains(errno) else { throw error }
            }
        }
    }
}

extension ReadableFile {
    /// Where a stretch of bytes ends. Throws unless all of it is in the file.
    public func end(ofBytesAt offset: Int, count: Int) throws(FileError) -> Int {
        let (end, overflow) = offset.addingReportingOverflow(count)
        guard offset >= 0, count >= 0, !overflow, end <= byteCount else {
            let shown = overflow ? .max : end
            throw FileError("read", path, reason: "it ends at byte \(byteCount), within bytes \(offset)..<\(shown)")
        }
        return end
    }

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
