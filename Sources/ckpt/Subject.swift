import Checkpoints
import Files
import SystemPackage

/// What a path on the command line names.
enum Subject {
    /// A directory that holds sets.
    case directory(FilePath)

    /// A set, by its manifest.
    case set(Manifest, in: FilePath)

    /// A single file.
    case file(FilePath)

    private static let manifestSuffix = ".manifest.json"

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
        guard let name = path.lastComponent?.string, name.hasSuffix(Self.manifestSuffix) else {
            self = .file(path)
            return
        }
        let directory = path.removingLastComponent()
        let set = String(name.dropLast(Self.manifestSuffix.count))
        guard let manifest = try CheckpointDirectory(directory).manifest(named: set) else {
            throw FileError("open", path, .noSuchFileOrDirectory)
        }
        self = .set(manifest, in: directory)
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
