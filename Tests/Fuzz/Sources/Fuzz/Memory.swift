import CheckpointsTestKit
import Files
import SystemPackage

/// A file in memory that nobody may read beyond its end: who does has believed a number before it was checked.
final class StrictFile: ReadableFile {
    let path: FilePath
    private let bytes: [UInt8]

    init(_ bytes: [UInt8], _ path: FilePath) {
        self.bytes = bytes
        self.path = path
    }

    var byteCount: Int { bytes.count }
    var owner: UInt32 { 0 }

    func read(into target: inout MutableSpan<UInt8>, at offset: Int) throws(FileError) {
        require(
            offset >= 0 && target.count <= bytes.count - offset,
            "\(target.count) bytes are read at \(offset) of a file of \(bytes.count)")
        for index in target.indices { target[index] = bytes[offset + index] }
    }
}

/// A disk in memory, of which nobody may touch anything outside one folder.
struct Walls: ForwardingFileSystem {
    static let folder: FilePath = "/run"

    let base: any FileSystem = MemoryFileSystem()

    /// A folder with these files.
    init(_ files: [String: [UInt8]]) throws {
        for (name, bytes) in files {
            let path = Self.folder.appending(name)
            try base.createDirectory(path.removingLastComponent())
            let file = try base.create(path)
            try file.write(bytes.span.bytes)
            try file.close()
        }
    }

    func perform<Result>(
        _ operation: FileOperation, _ path: FilePath, _ body: () throws(FileError) -> Result
    ) throws(FileError) -> Result {
        require(path.lexicallyNormalized().starts(with: Self.folder), "\(operation) of \(path), outside \(Self.folder)")
        return try body()
    }
}
