public import Ciphers
public import Files
public import SystemPackage
import Tensors

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

    /// What is remembered of the sets.
    let catalog: SetCatalog

    /// Names a directory without touching it. Values of the same directory can share a `catalog`.
    public init(
        _ path: FilePath, fileSystem: any FileSystem = LocalFileSystem(), key: EncryptionKey? = nil,
        catalog: SetCatalog = SetCatalog()
    ) {
        self.path = path
        // Names from manifests decide what is deleted and replaced here.
        self.fileSystem = fileSystem.within(path)
        self.key = key
        self.catalog = catalog
    }

    /// The sets in a directory.
    public struct Listing: Sendable {
        /// The sets, the newest first: by their lineage, whatever clocks said. Those on the branch of the newest come
        /// before those that its run has gone back behind, and those before the sets of other runs.
        public let manifests: [Manifest]

        /// What is wrong with the manifests that could not be read.
        public let unreadable: [CheckpointSetError]

        /// Where the order is not sure, since older versions recorded no lineage: a sentence each.
        public let doubts: [String]
    }

    /// The sets whose name satisfies `isWanted`, and whose manifest `suits`. A directory that is not there has none; links
    /// to manifests are passed over, and so are copies of them.
    public func list(
        where isWanted: (String) -> Bool = { _ in true }, and suits: (Manifest) -> Bool = { _ in true }
    ) throws(CheckpointSetError) -> Listing {
        // A run that keeps one set may have removed it since its name was read; by now the next one has its name. A dangling link
        // is missed every time.
        var (listing, missed) = try look(where: isWanted, and: suits)
        for _ in 0..<100 where listing.manifests.isEmpty && !missed.isEmpty {
            let before = missed
            (listing, missed) = try look(where: isWanted, and: suits)
            if missed == before { break }
        }
        return listing
    }

    /// Looks once; also returns the names that were gone by the time they were to be read.
    private func look(
        where isWanted: (String) -> Bool, and suits: (Manifest) -> Bool
    ) throws(CheckpointSetError) -> (Listing, missed: [String]) {
        var missed: [String] = []
        var manifests: [Manifest] = []
        var misnamed: [(manifest: Manifest, error: CheckpointSetError)] = []
        var unreadable: [CheckpointSetError] = []
        for fileName in try names(in: path) {
            guard let name = SetNames.setName(ofManifest: fileName), isWanted(name) else { continue }
            let manifestPath = path.appending(fileName)
            do {
                guard try !isLinkToManifest(manifestPath) else { continue }
                guard let status = try status(of: manifestPath),
                    let (manifest, bytes, _) = try readManifestFile(manifestPath)
                else {
                    missed.append(fileName)
                    continue
                }
                if ByteName(manifest.name) == ByteName(name) {
                    manifests.append(manifest)
                    catalog.note(SetEntry(manifest, isBelieved: believes(manifest, in: bytes)), in: fileName, status)
                } else {
                    misnamed.append((manifest, Self.misnamed(manifest, at: manifestPath)))
                }
            } catch {
                unreadable.append(error)
            }
        }
        unreadable += strangers(among: misnamed, beside: manifests)
        let order = SetOrder(manifests.filter(suits))
        return (Listing(manifests: order.newestFirst, unreadable: unreadable, doubts: order.doubts), missed)
    }

    /// What is wrong with manifests whose names are not those of their files, unless they are copies of sets' manifests.
    private func strangers(
        among misnamed: [(manifest: Manifest, error: CheckpointSetError)], beside manifests: [Manifest]
    ) -> [CheckpointSetError] {
        // Each is looked up once, however many copies there are. The empty text is no id, so it stands for a missing set.
        var ids = Dictionary(manifests.map { (ByteName($0.name), $0.id) }) { first, _ in first }
        return misnamed.compactMap { manifest, error in
            let name = manifest.name
            let id = ids[name] ?? (try? self.manifest(named: name))?.id ?? ""
            ids[name] = id
            return id == manifest.id ? nil : error
        }
    }

    /// The manifest of a set; nil if there is no set of this name.
    public func manifest(named name: String) throws(CheckpointSetError) -> Manifest? {
        try readManifest(named: name)?.manifest
    }

    /// The same, and whether the key proves it, or there is none.
    func readManifest(
        named name: String
    ) throws(CheckpointSetError) -> (manifest: Manifest, isBelieved: Bool)? {
        let manifestPath = path.appending(SetNames.manifest(of: name))
        guard let (manifest, bytes, _) = try readManifestFile(manifestPath) else { return nil }
        guard ByteName(manifest.name) == ByteName(name) else { throw Self.misnamed(manifest, at: manifestPath) }
        return (manifest, believes(manifest, in: bytes))
    }

    private static func misnamed(_ manifest: Manifest, at path: FilePath) -> CheckpointSetError {
        .manifest(path: path, problem: "the name in it is \(manifest.name)")
    }

    /// The manifest in a file; nil if there is no such file.
    func readManifest(_ manifestPath: FilePath) throws(CheckpointSetError) -> Manifest? {
        try readManifestFile(manifestPath)?.manifest
    }

    /// The same, with the bytes that it was read from and the user whose file it is.
    func readManifestFile(
        _ manifestPath: FilePath
    ) throws(CheckpointSetError) -> (manifest: Manifest, bytes: [UInt8], owner: UInt32)? {
        let (bytes, owner): ([UInt8], UInt32)
        do {
            let file = try fileSystem.open(manifestPath)
            (bytes, owner) = (try file.contents(limit: Manifest.byteLimit), file.owner)
        } catch {
            if error.errno == .noSuchFileOrDirectory { return nil }
            throw .file(error)
        }
        return (try Manifest(json: bytes, path: manifestPath), bytes, owner)
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
