import Files
import SystemPackage

extension CheckpointDirectory {
    /// Deletes a set: first its manifest becomes a tombstone, so that no reader sees half a set, then its files go, then
    /// the tombstone.
    ///
    /// If this is interrupted or throws, the set is whole or no set any more, and ``finishRemovals()`` deletes the rest.
    /// Throws ``CheckpointSetError/replaced(name:)`` if another set has its name now.
    public func remove(_ manifest: Manifest) throws(CheckpointSetError) {
        guard let current = try self.manifest(named: manifest.name) else { return }
        guard current.id == manifest.id else { throw .replaced(name: manifest.name) }
        let tombstone = path.appending(SetNames.tombstone(of: manifest))
        do {
            try fileSystem.rename(path.appending(SetNames.manifest(of: manifest.name)), to: tombstone)
            try fileSystem.synchronizeDirectory(path)
        } catch {
            throw .file(error)
        }
        catalog.forget(manifest.name)
        try finishRemoval(of: manifest, tombstone: tombstone, beside: lastEntries())
    }

    /// Deletes what removals that were interrupted have left.
    ///
    /// For whoever publishes here, while nobody publishes. Throws if a manifest cannot be read: the files that it may
    /// name must not be deleted.
    public func finishRemovals() throws(CheckpointSetError) {
        for fileName in try names(in: path) where SetNames.isTombstone(fileName) {
            let tombstone = path.appending(fileName)
            guard let manifest = try readManifest(tombstone) else { continue }
            try finishRemoval(of: manifest, tombstone: tombstone, beside: entries())
        }
    }

    func finishRemoval(
        of manifest: Manifest, tombstone: FilePath, beside living: SetCatalog.Contents
    ) throws(CheckpointSetError) {
        try deleteFiles(manifest.files, of: manifest, beside: living)
        do {
            try fileSystem.remove(tombstone)
            try fileSystem.synchronizeDirectory(path)
        } catch {
            throw .file(error)
        }
    }

    /// Deletes files that were part of a set that is no more, but for those whose names a living set has taken over.
    func deleteFiles(
        _ files: [ManifestFile], of manifest: Manifest, beside living: SetCatalog.Contents
    ) throws(CheckpointSetError) {
        if let error = living.unreadable.first { throw error }
        let own = Set(files.map(\.path))
        let taken = Set(living.entries.lazy.flatMap(\.paths).filter(own.contains))
        var folders: Set<FilePath> = []
        do {
            for file in files {
                let final = finalPath(of: file)
                if !taken.contains(file.path) { try fileSystem.remove(final) }
                try fileSystem.remove(pendingPath(of: file.path, id: manifest.id))
                folders.insert(final.removingLastComponent())
            }
            for folder in folders where try fileSystem.status(of: folder) != nil {
                try fileSystem.synchronizeDirectory(folder)
            }
        } catch {
            throw .file(error)
        }
    }
}
