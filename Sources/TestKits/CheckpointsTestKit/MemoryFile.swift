public import Files
public import SystemPackage

/// A file that keeps what is written to it in memory.
public final class MemoryFile: WritableFile {
    /// Everything written so far.
    public private(set) var bytes: [UInt8] = []

    /// Makes an empty file.
    public init() {}

    /// Appends bytes.
    public func write(_ bytes: RawSpan) {
        unsafe bytes.withUnsafeBytes { unsafe self.bytes.append(contentsOf: $0) }
    }

    /// Does nothing: memory has no stable storage.
    public func synchronize() {}

    /// Does nothing.
    public func close() {}
}

/// A file open for reading whose bytes are in memory.
public final class MemoryReadableFile: ReadableFile {
    /// The path it goes by in errors.
    public let path: FilePath

    private let bytes: [UInt8]

    /// Makes a file of these bytes.
    public init(_ bytes: [UInt8], path: FilePath = "memory") {
        self.bytes = bytes
        self.path = path
    }

    /// The size in bytes.
    public var byteCount: Int { bytes.count }

    /// Copies bytes from `offset` on.
    public func read(into target: inout MutableSpan<UInt8>, at offset: Int) throws(FileError) {
        guard offset >= 0, target.count <= bytes.count - offset else {
            throw FileError("read", path, reason: "it ends at byte \(bytes.count)")
        }
        for index in target.indices { target[index] = bytes[offset + index] }
    }
}
