import Files
import SystemPackage
import Tensors

extension CheckpointDirectory {
    /// Deletes a set: first its manifest becomes a tombstone, so that no reader sees half a set, then its files go, then
    /// the tombstone.
    ///
    /// If this is interrupted or throws, the set is either whole or gone for readers, and ``finishRemovals()`` deletes the rest.
    /// Throws ``CheckpointSetError/replaced(name:)`` if another set has its name now, and with a key
    /// ``CheckpointSetError/notAuthentic(name:reason:)`` if it does not prove the set: a manifest says what is deleted.
    public func remove(_ manifest: Manifest) throws(CheckpointSetError) {
        guard let (current, isBelieved) = try readManifest(named: manifest.name) else { return }
        guard current.id == manifest.id else { throw .replaced(name: manifest.name) }
        guard isBelieved else {
            throw .notAuthentic(name: manifest.name, reason: "with a key only sets that it proves are removed")
        }
        let tombstone = path.appending(SetNames.tombstone(of: current))
        do {
            try fileSystem.rename(path.appending(SetNames.manifest(of: manifest.name)), to: tombstone)
            try fileSystem.synchronizeDirectory(path)
        } catch {
            throw .file(error)
        }
        catalog.forget(manifest.name)
        if let problem = try finish([Removal(manifest: current, tombstone: tombstone)], beside: lastEntries()).first {
            throw problem
        }
    }

    /// Deletes what interrupted removals have left.
    ///
    /// For whoever publishes here, while nobody does. An error with one set does not keep the others, and is thrown at the end.
    public func finishRemovals() throws(CheckpointSetError) {
        let tombstones = try names(in: path).filter(SetNames.isTombstone).map { path.appending($0) }
        guard !tombstones.isEmpty else { return }
        // A tombstone that is not believed stays.
        if let problem = try finishRemovals(tombstones, beside: entries()).failures.first { throw problem }
    }

    /// The same for some tombstones; returns why some of them are not believed, and what went wrong with others. Many are
    /// finished at once: waiting for the disk takes longer than all the rest.
    func finishRemovals(
        _ tombstones: [FilePath], beside living: SetCatalog.Contents
    ) throws(CheckpointSetError) -> (doubts: [CheckpointSetError], failures: [CheckpointSetError]) {
        var (doubts, failures): ([CheckpointSetError], [CheckpointSetError]) = ([], [])
        var rest = tombstones[...]
        while !rest.isEmpty {
            var removals: [Removal] = []
            for tombstone in rest.prefix(Self.removalsAtOnce) {
                do {
                    guard let manifest = try readTombstone(tombstone) else { continue }
                    removals.append(Removal(manifest: manifest, tombstone: tombstone))
                } catch {
                    if error.isOfStorage { failures.append(error) } else { doubts.append(error) }
                }
            }
            failures += try finish(removals, beside: living)
            rest = rest.dropFirst(Self.removalsAtOnce)
        }
        return (doubts, failures)
    }

    /// Their manifests are in memory at once.
    private static var removalsAtOnce: Int { 100 }

    /// The set that was being removed; nil if the tombstone is gone by now.
    ///
    /// It says what is to be deleted, so it must be one that this directory's runs have left: under its own name, of this
    /// user or the owner of the directory, and with a key, proven by it. Throws otherwise.
    func readTombstone(_ tombstone: FilePath) throws(CheckpointSetError) -> Manifest? {
        guard let (manifest, bytes, owner) = try readManifestFile(tombstone) else { return nil }
        let problem: String? =
            if SetNames.tombstone(of: manifest) != tombstone.lastComponent?.string {
                "its name is not that of the set in it"
            } else if try ![FileStatus.user, status(of: path)?.owner].contains(owner) {
                "it belongs to user \(owner)"
            } else if let key, Manifest.authenticity(of: bytes, key: key) != .proven {
                "the key does not prove it"
            } else {
                nil
            }
        if let problem { throw .manifest(path: tombstone, problem: problem) }
        return manifest
    }

    /// A set that is gone for readers, and whose files are to be deleted.
    private struct Removal {
        let manifest: Manifest
        let tombstone: FilePath
    }

    /// Deletes the files of sets, then their tombstones; returns what went wrong, which keeps a tombstone.
    private func finish(
        _ removals: [Removal], beside living: SetCatalog.Contents
    ) throws(CheckpointSetError) -> [CheckpointSetError] {
        guard !removals.isEmpty else { return [] }
        if let failure = living.failure { throw failure }
        let taken = living.paths(among: removals.lazy.flatMap(\.manifest.files))
        var problems: [CheckpointSetError] = []
        var folders: Set<FilePath> = []
        var done: [FilePath] = []
        for removal in removals {
            do {
                try delete(removal.manifest.files, of: removal.manifest, but: taken, in: &folders)
                done.append(removal.tombstone)
            } catch {
                problems.append(.file(error))
            }
        }
        do {
            try synchronize(folders)
            for tombstone in done { try fileSystem.remove(tombstone) }
            if !done.isEmpty { try fileSystem.synchronizeDirectory(path) }
        } catch {
            throw .file(error)
        }
        return problems
    }

    /// Deletes files of a set that is gone, except those whose names a living set has taken over.
    func deleteFiles(
        _ files: [ManifestFile], of manifest: Manifest, beside living: SetCatalog.Contents
    ) throws(CheckpointSetError) {
        if let failure = living.failure { throw failure }
        var folders: Set<FilePath> = []
        do {
            try delete(files, of: manifest, but: living.paths(among: files), in: &folders)
            try synchronize(folders)
        } catch {
            throw .file(error)
        }
    }

    /// Deletes files without waiting for the disk; notes their `folders`.
    private func delete(
        _ files: [ManifestFile], of manifest: Manifest, but taken: Set<ByteName>, in folders: inout Set<FilePath>
    ) throws(FileError) {
        for file in files {
            let final = finalPath(of: file)
            if !taken.contains(file.path) { try fileSystem.remove(final) }
            try fileSystem.remove(pendingPath(of: file.path, id: manifest.id))
            folders.insert(final.removingLastComponent())
        }
    }

    private func synchronize(_ folders: Set<FilePath>) throws(FileError) {
        for folder in folders where try fileSystem.status(of: folder) != nil {
            try fileSystem.synchronizeDirectory(folder)
        }
    }
}

extension SetCatalog.Contents {
    /// The paths of files that living sets have.
    fileprivate func paths(among files: some Sequence<ManifestFile>) -> Set<ByteName> {
        let own = Set(files.map { ByteName($0.path) })
        return Set(entries.lazy.flatMap(\.paths).map(ByteName.init).filter(own.contains))
    }
}
