import Files
import SystemPackage

/// A file whose reads count as progress.
final class WatchedFile: ReadableFile {
    private let file: any ReadableFile
    private let progress: Progress

    init(_ file: any ReadableFile, _ progress: Progress) {
        self.file = file
        self.progress = progress
    }

    var path: FilePath { file.path }
    var byteCount: Int { file.byteCount }

    func read(into bytes: inout MutableSpan<UInt8>, at offset: Int) throws(FileError) {
        try file.read(into: &bytes, at: offset)
        progress.advance(by: bytes.count)
    }
}

/// The files of this machine, the reads of which count as progress.
struct WatchedFileSystem: FileSystem {
    private let files = LocalFileSystem()
    private let progress: Progress

    init(_ progress: Progress) {
        self.progress = progress
    }

    func open(_ path: FilePath) throws(FileError) -> any ReadableFile {
        WatchedFile(try files.open(path), progress)
    }

    func create(_ path: FilePath) throws(FileError) -> any WritableFile { try files.create(path) }
    func rename(_ path: FilePath, to target: FilePath) throws(FileError) { try files.rename(path, to: target) }
    func remove(_ path: FilePath) throws(FileError) { try files.remove(path) }
    func createDirectory(_ path: FilePath) throws(FileError) { try files.createDirectory(path) }
    func synchronizeDirectory(_ path: FilePath) throws(FileError) { try files.synchronizeDirectory(path) }
    func status(of path: FilePath) throws(FileError) -> FileStatus? { try files.status(of: path) }
    func names(in directory: FilePath) throws(FileError) -> [String] { try files.names(in: directory) }

    func setPermissions(_ permissions: Int, of path: FilePath) throws(FileError) {
        try files.setPermissions(permissions, of: path)
    }
}
