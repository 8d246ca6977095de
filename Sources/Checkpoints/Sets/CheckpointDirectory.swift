public import Files
public import SystemPackage

/// A directory that holds sets of checkpoint files, each made a set by its ``Manifest``.
///
/// Only what a manifest names exists here; other files are passed over.
public struct CheckpointDirectory: Sendable {
    /// Where it is. It need not exist.
    public let path: FilePath

    /// What it is reached through.
    public let fileSystem: any FileSystem

    /// What authenticates the sets that are saved here, and proves those that are restored; nil does neither.
    public let key: EncryptionKey?

    /// Names a directory without touching it.
    public init(_ path: FilePath, fileSystem: any FileSystem = LocalFileSystem(), key: EncryptionKey? = nil) {
        self.path = path
        self.fileSystem = fileSystem
        self.key = key
    }

    /// The sets in a directory.
    public struct Listing: Sendable {
        /// The sets, the newest first: by the time they were saved, then by step. A run that began anew counts for more
        /// than an older one that came further.
        public let manifests: [Manifest]

        /// What is wrong with the manifests that could not be read.
        public let unreadable: [CheckpointSetError]
    }

    /// The sets whose name satisfies `isWanted`. A directory that is not there has none.
    public func list(where isWanted: (String) -> Bool = { _ in true }) throws(CheckpointSetError) -> Listing {
        var manifests: [Manifest] = []
        var unreadable: [CheckpointSetError] = []
        for fileName in try names(in: path) {
            guard let name = SetNames.setName(ofManifest: fileName), isWanted(name) else { continue }
            do {
                // One that is gone by now was removed in between.
                if let manifest = try manifest(named: name) { manifests.append(manifest) }
            } catch {
                unreadable.append(error)
            }
        }
        manifests.sort { a, b in
            let (x, y) = (a.checkpoint.progress.step, b.checkpoint.progress.step)
            return (a.created, x, a.name) > (b.created, y, b.name)
        }
        return Listing(manifests: manifests, unreadable: unreadable)
    }

    /// The manifest of a set; nil if there is no set of this name.
    public func manifest(named name: String) throws(CheckpointSetError) -> Manifest? {
        let manifestPath = path.appending(SetNames.manifest(of: name))
        guard let manifest = try readManifest(manifestPath) else { return nil }
        guard manifest.name == name else {
            throw .manifest(path: manifestPath, problem: "the name in it is \(manifest.name)")
        }
        return manifest
    }

    /// The manifest in a file; nil if there is no such file.
    func readManifest(_ manifestPath: FilePath) throws(CheckpointSetError) -> Manifest? {
        let bytes: [UInt8]
        do {
            bytes = try fileSystem.contents(of: manifestPath, limit: Manifest.byteLimit)
        } catch {
            if error.errno == .noSuchFileOrDirectory { return nil }
            throw .file(error)
        }
        return try Manifest(json: bytes, path: manifestPath)
    }

    /// The names in a directory, none if it is not there.
    func names(in directory: FilePath) throws(CheckpointSetError) -> [String] {
        do {
            return try fileSystem.names(in: directory)
        } catch {
            if error.errno == .noSuchFileOrDirectory { return [] }
            throw .file(error)
        }
    }

    /// Where a file of a set lies in the end.
    public func finalPath(of file: ManifestFile) -> FilePath { finalPath(of: file.path) }

    func finalPath(of relative: String) -> FilePath { path.appending(relative) }

    /// Where a file of a set lies until it is renamed.
    func pendingPath(of relative: String, id: String) -> FilePath {
        path.appending(SetNames.pendingPath(of: relative, id: id))
    }
}
