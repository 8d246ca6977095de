import CheckpointsTestKit
import Files
import SystemPackage

/// A disk as it was at a moment: it can be read, and nothing else.
struct DiskSnapshot: Sendable {
    private let image: DiskImage
    private let viewer: DiskImage.Viewer

    init(_ image: DiskImage, _ viewer: DiskImage.Viewer) {
        self.image = image
        self.viewer = viewer
    }

    private func node(at place: DiskPlace) -> DiskImage.Node? {
        image.node(place.name, in: place.folder, afterwards: viewer == .afterwards)
    }

    private func node(at path: FilePath) throws(Errno) -> DiskImage.Node? {
        let (folder, name) = DiskPath.split(path.string)
        let number = try DiskPath.folder(at: folder) { node(at: $0) }
        return name.isEmpty ? .folder(DiskImage.root) : node(at: DiskPlace(folder: number, name: name))
    }

    private func perform<Result>(
        _ operation: FileOperation, _ path: FilePath, _ body: () throws(Errno) -> Result
    ) throws(FileError) -> Result {
        do throws(Errno) { return try body() } catch { throw FileError(operation.rawValue, path, error) }
    }
}

extension DiskSnapshot: FileSystem {
    func create(_ path: FilePath, permissions: Int) throws(FileError) -> any WritableFile {
        throw FileError("create", path, .readOnlyFileSystem)
    }

    func open(_ path: FilePath) throws(FileError) -> any ReadableFile {
        let file = try perform(.open, path) { () throws(Errno) in
            switch try node(at: path) {
            case .file(let number): return image.files[number]
            case .folder: throw .invalidArgument
            case nil: throw .noSuchFileOrDirectory
            }
        }
        guard let file else { throw FileError("open", path, .noSuchFileOrDirectory) }
        return MemoryReadableFile(file.bytes(seenBy: viewer), path: path)
    }

    func rename(_ path: FilePath, to target: FilePath) throws(FileError) {
        throw FileError("rename to \(target)", path, .readOnlyFileSystem)
    }

    func remove(_ path: FilePath) throws(FileError) { throw FileError("delete", path, .readOnlyFileSystem) }

    func createDirectory(_ path: FilePath) throws(FileError) {
        if try status(of: path)?.kind == .directory { return }
        throw FileError("make the directory", path, .readOnlyFileSystem)
    }

    func removeDirectory(_ path: FilePath) throws(FileError) {
        throw FileError("delete the directory", path, .readOnlyFileSystem)
    }

    func lock(_ path: FilePath) throws(FileError) -> LockOutcome { throw FileError("lock", path, .readOnlyFileSystem) }

    /// Does nothing: nothing changes here.
    func synchronizeDirectory(_ path: FilePath) {}

    func status(of path: FilePath) throws(FileError) -> FileStatus? {
        switch try? node(at: path) {
        case .folder: return FileStatus(kind: .directory, byteCount: 0, modificationTime: SimulatedDisk.epoch)
        case .file(let number):
            guard let file = image.files[number] else { return nil }
            return FileStatus(
                kind: .file, byteCount: file.count(seenBy: viewer), modificationTime: file.modificationTime)
        case nil: return nil
        }
    }

    func names(in directory: FilePath) throws(FileError) -> [String] {
        let folder = try perform(.list, directory) { () throws(Errno) in
            image.folders[try DiskPath.folder(at: directory.string) { node(at: $0) }]
        }
        return ((viewer == .afterwards ? folder?.stableNames : folder?.names) ?? [:]).keys.sorted()
    }

    /// The same numbers for everybody: nothing is made here.
    func unguessableNumber() -> UInt64 { 0 }
}
