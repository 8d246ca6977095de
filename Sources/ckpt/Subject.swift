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

    /// Finds it in the file's directory or one of the two above, by the path that was given or without links; nil if there
    /// is none.
    ///
    /// There may be manifests of anybody there, as in /tmp: those count that belong to the user, to root, or to whom the
    /// file belongs.
    init?(of path: FilePath) {
        let files = LocalFileSystem()
        guard let name = path.lastComponent, let place = try? files.resolved(path) else { return nil }
        let trusted = [FileStatus.user, 0, (try? files.status(of: path))?.owner]
        for directory in Self.directories(above: path, files) {
            let sets = CheckpointDirectory(directory)
            let isTrusted = { (set: String) in
                let status = try? files.status(of: directory.appending("\(set).manifest.json"))
                return status.map { trusted.contains($0.owner) } ?? false
            }
            // Manifests that cannot be read say nothing about this file.
            for manifest in (try? sets.list(where: isTrusted).manifests) ?? [] {
                let file = manifest.files.first { file in
                    let final = sets.finalPath(of: file)
                    return final.lastComponent == name && (try? files.resolved(final)) == place
                }
                guard let file else { continue }
                self.directory = directory
                self.manifest = manifest
                self.file = file
                return
            }
        }
        return nil
    }

    private static func directories(above path: FilePath, _ files: LocalFileSystem) -> [FilePath] {
        let parent = path.removingLastComponent()
        // As the path was written, as far as that can be told from its text,
        var given = [parent.isEmpty ? "." : parent]
        while given.count < 3, let last = given.last, last.lastComponent?.kind == .regular {
            let upper = last.removingLastComponent()
            given.append(upper.isEmpty ? "." : upper)
        }
        // and as the links in it lead.
        guard var real = try? files.resolved(parent) else { return given }
        for _ in 0..<3 {
            if !given.contains(real) { given.append(real) }
            real.removeLastComponent()
        }
        return given
    }
}
