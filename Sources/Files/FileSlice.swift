public import SystemPackage

/// Consecutive bytes of a file, read where and when they are needed.
///
/// The processes of a machine that read the same file share the system's cache of it, and none of them holds any of it.
public struct FileSlice: Sendable {
    /// The file.
    public let file: any ReadableFile

    /// Where the bytes lie in it.
    public let range: Range<Int>

    /// All bytes of a file.
    public init(_ file: any ReadableFile) {
        self.init(file, 0..<file.byteCount)
    }

    /// Bytes that lie in memory; `path` stands in messages.
    public init(_ bytes: [UInt8], path: FilePath) {
        self.init(MemoryBytes(bytes, path: path))
    }

    private init(_ file: any ReadableFile, _ range: Range<Int>) {
        self.file = file
        self.range = range
    }

    /// How many they are.
    public var count: Int { range.count }

    /// How many bytes of memory they take: none if they lie on a disk.
    public var residentByteCount: Int { file is MemoryBytes ? count : 0 }

    /// A part of them, with the places counted from their begin.
    public subscript(part: Range<Int>) -> FileSlice {
        precondition(part.lowerBound >= 0 && part.upperBound <= count, "bytes \(part) are not among \(count)")
        return FileSlice(file, range.lowerBound + part.lowerBound..<range.lowerBound + part.upperBound)
    }

    /// Fills `bytes` from byte `offset` of them on.
    public func read(into bytes: inout MutableSpan<UInt8>, at offset: Int) throws(FileError) {
        precondition(
            offset >= 0 && offset + bytes.count <= count,
            "bytes \(offset)..<\(offset + bytes.count) are not among \(count)")
        try file.read(into: &bytes, at: range.lowerBound + offset)
    }

    /// All of them, in memory.
    public func contents() throws(FileError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var span = bytes.mutableSpan
        try read(into: &span, at: 0)
        return bytes
    }
}

/// Bytes in memory, read like a file.
private final class MemoryBytes: ReadableFile {
    let path: FilePath
    private let bytes: [UInt8]

    init(_ bytes: [UInt8], path: FilePath) {
        self.path = path
        self.bytes = bytes
    }

    var byteCount: Int { bytes.count }

    func read(into target: inout MutableSpan<UInt8>, at offset: Int) throws(FileError) {
        unsafe target.withUnsafeMutableBytes { target in
            unsafe bytes.withUnsafeBytes {
                unsafe target.copyMemory(from: .init(rebasing: $0[offset..<offset + target.count]))
            }
        }
    }
}
