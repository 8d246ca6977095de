public import Ciphers
import Files
public import SystemPackage

/// A file of a set, found from the file: the set names it as one of its own.
public struct SetMember: Sendable {
    /// The directory of the set.
    public let directory: FilePath

    /// The set.
    public let manifest: Manifest

    /// The file.
    public let file: ManifestFile

    /// Finds the set in the file's directory or one of the two above, by the path that was given or without links; nil if
    /// there is none.
    ///
    /// Anybody may have left manifests there, as in /tmp: only those count that belong to the user, to root, or to the owner of
    /// the file. Of several that name the file, one that the key proves comes first.
    public init?(of path: FilePath, key: EncryptionKey? = nil) {
        let files = LocalFileSystem()
        guard let name = path.lastComponent, let place = try? files.resolved(path) else { return nil }
        let trusted = [FileStatus.user, 0, (try? files.status(of: path))?.owner]
        var found: [SetMember] = []
        for directory in Self.directories(above: path, files) {
            let sets = CheckpointDirectory(directory)
            let mayNameIt = { (set: String) in
                guard let manifest = try? files.open(directory.appending(SetNames.manifest(of: set))) else {
                    return false
                }
                return trusted.contains(manifest.owner) && Self.mayName(name.string, manifest)
            }
            // Manifests that cannot be read say nothing about this file.
            for manifest in (try? sets.list(where: mayNameIt).manifests) ?? [] {
                let file = manifest.files.first { file in
                    let final = sets.finalPath(of: file)
                    return final.lastComponent == name && (try? files.resolved(final)) == place
                }
                guard let file else { continue }
                found.append(SetMember(directory: directory, manifest: manifest, file: file))
                if key == nil { break }
            }
            if key == nil, !found.isEmpty { break }
        }
        guard let best = found.first(where: { $0.isProven(by: key) }) ?? found.first else { return nil }
        self = best
    }

    /// Whether the bytes of the name stand in a manifest. There may be thousands, and to take one apart takes a hundred times
    /// as long.
    private static func mayName(_ name: String, _ manifest: any ReadableFile) -> Bool {
        guard let bytes = try? manifest.contents(limit: Manifest.byteLimit) else { return false }
        // JSON may have other characters for these; Lockstep writes all the rest as it is.
        guard !name.utf8.contains(where: { $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }) else { return true }
        return bytes.firstRange(of: Array(name.utf8)) != nil
    }

    private init(directory: FilePath, manifest: Manifest, file: ManifestFile) {
        self.directory = directory
        self.manifest = manifest
        self.file = file
    }

    private func isProven(by key: EncryptionKey?) -> Bool {
        guard let key else { return true }
        let authenticity = try? CheckpointDirectory(directory).authenticity(of: manifest, key: key)
        return authenticity == .proven
    }

    /// The file of the set that lies at a path below the folder of this one, among `files`; nil if the set has none there.
    func neighbour(at location: FilePath, among files: [FilePath: ManifestFile]) -> ManifestFile? {
        files[FilePath(file.path).removingLastComponent().pushing(location).lexicallyNormalized()]
    }

    private static func directories(above path: FilePath, _ files: LocalFileSystem) -> [FilePath] {
        let parent = path.removingLastComponent()
        // As the path was written, as far as that can be told from its text,
        var given = [parent.isEmpty ? "." : parent]
        while given.count < 3, let last = given.last, last.lastComponent?.kind == .regular {
            let upper = last.removingLastComponent()
            given.append(upper.isEmpty ? "." : upper)
        }
        // and as the links in it lead, each once.
        guard var real = try? files.resolved(parent) else { return given }
        let known = Set(given.compactMap { try? files.resolved($0) })
        for _ in 0..<3 {
            if !known.contains(real) { given.append(real) }
            real.removeLastComponent()
        }
        return given
    }
}
