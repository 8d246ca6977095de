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

/// A set that names a file as one of its own.
struct SetMembership {
    let directory: FilePath
    let manifest: Manifest
    let file: ManifestFile

    /// Finds it in the file's directory or one of the two above; nil if there is none.
    init?(of path: FilePath) {
        let path = path.absolute
        var directory = path
        for _ in 0..<3 {
            guard directory.removeLastComponent() else { break }
            let sets = CheckpointDirectory(directory)
            // Manifests that cannot be read say nothing about this file.
            for manifest in (try? sets.list().manifests) ?? [] {
                guard let file = manifest.files.first(where: { sets.finalPath(of: $0) == path }) else { continue }
                self.directory = directory
                self.manifest = manifest
                self.file = file
                return
            }
        }
        return nil
    }
}
