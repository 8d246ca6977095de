import Checkpoints
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

extension NamedFile {
    /// The files of this machine, where so many passes over this one are to be shown as progress under `verb`; to compare it
    /// with its manifest takes one more.
    func watched(_ verb: String, passes: Int) throws -> WatchedFileSystem {
        let byteCount = try LocalFileSystem().status(of: path)?.byteCount ?? 0
        return WatchedFileSystem(Progress(verb, total: (passes + (member == nil ? 0 : 1)) * byteCount))
    }
}

/// The files of this machine, the reads of which count as progress.
struct WatchedFileSystem: ForwardingFileSystem {
    let base: any FileSystem = LocalFileSystem()
    private let progress: Progress

    init(_ progress: Progress) {
        self.progress = progress
    }

    func open(_ path: FilePath) throws(FileError) -> any ReadableFile {
        WatchedFile(try base.open(path), progress)
    }
}
