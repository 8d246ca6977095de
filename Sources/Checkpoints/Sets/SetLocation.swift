public import Files
public import SystemPackage
import Tensors

/// Where a set is that somebody names by a path: that of its manifest, or of a link to it or a copy beside it.
public struct SetLocation: Equatable, Sendable {
    /// The directory of the set.
    public let directory: FilePath

    /// Its name there.
    public let name: String

    /// Finds out what a path names; nil if it is no manifest.
    ///
    /// Throws what the file system says. Whether the manifest is there and can be read is for others to find out.
    public init?(_ path: FilePath, fileSystem: any FileSystem = LocalFileSystem()) throws(CheckpointSetError) {
        let manifest = try Self.followLinks(from: path, on: fileSystem)
        guard SetNames.isManifest(manifest), let fileName = manifest.lastComponent?.string,
            let name = SetNames.setName(ofManifest: fileName)
        else { return nil }
        let folder = manifest.removingLastComponent()
        directory = folder.isEmpty ? "." : folder
        let sets = CheckpointDirectory(directory, fileSystem: fileSystem)
        // One that cannot be read keeps its name, for error messages.
        let found = try? sets.readManifest(sets.path.appending(fileName))
        let isOther = found.map { ByteName($0.name) != ByteName(name) } ?? false
        self.name = if isOther, let found, try sets.isAlias(found) { found.name } else { name }
    }

    private static func followLinks(
        from path: FilePath, on fileSystem: any FileSystem
    ) throws(CheckpointSetError) -> FilePath {
        var path = path
        // The system does not follow more either.
        for _ in 0..<40 {
            guard let target = try CheckpointDirectory.destination(ofLink: path, on: fileSystem),
                SetNames.isManifest(target)
            else { break }
            path = path.removingLastComponent().pushing(target)
        }
        return path
    }
}

extension CheckpointDirectory {
    /// Whether a manifest is a link to another one. One that leads to a file of another kind of name is no name for a set: that
    /// is how content-addressed stores keep files.
    func isLinkToManifest(_ manifestPath: FilePath) throws(CheckpointSetError) -> Bool {
        try Self.destination(ofLink: manifestPath, on: fileSystem).map(SetNames.isManifest) ?? false
    }

    /// Whether what a file of another name says is said by the manifest of the set too.
    func isAlias(_ manifest: Manifest) throws(CheckpointSetError) -> Bool {
        try self.manifest(named: manifest.name)?.id == manifest.id
    }

    fileprivate static func destination(
        ofLink path: FilePath, on fileSystem: any FileSystem
    ) throws(CheckpointSetError) -> FilePath? {
        do {
            return try fileSystem.destination(ofLink: path)
        } catch {
            throw .file(error)
        }
    }
}
