import Checkpoints
import Files
import SystemPackage

/// What a path on the command line names.
enum Subject {
    /// A directory that holds sets.
    case directory(FilePath)

    /// A set, by its manifest or a link to it.
    case set(Manifest, in: FilePath)

    /// A single file.
    case file(FilePath)

    /// Looks at what is there.
    init(_ path: String) throws {
        let path = FilePath(text: path)
        guard let status = try LocalFileSystem().status(of: path) else {
            throw FileError("open", path, .noSuchFileOrDirectory)
        }
        guard status.kind != .directory else {
            self = .directory(path)
            return
        }
        guard let set = try SetLocation(path) else {
            self = .file(path)
            return
        }
        guard let manifest = try CheckpointDirectory(set.directory).manifest(named: set.name) else {
            throw FileError("open", path, .noSuchFileOrDirectory)
        }
        self = .set(manifest, in: set.directory)
    }
}
