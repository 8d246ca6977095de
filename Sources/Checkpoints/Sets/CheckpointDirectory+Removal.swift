import Files
import SystemPackage
import Tensors

extension CheckpointDirectory {
    /// Deletes a set: first its manifest becomes a tombstone, so that no reader sees half a set, then its files go, then
    /// the tombstone.
    ///
    /// If this is interrupted or throws, the set is whole or no set any more, and ``finishRemovals()`` deletes the rest.
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
        try finishRemoval(of: current, tombstone: tombstone, beside: lastEntries())
    }

    /// Deletes what removals that were interrupted have left.
    ///
    /// For whoever publishes here, while nobody publishes. What keeps one set from being removed keeps no other, and is
    /// thrown at the end.
    public func finishRemovals() throws(CheckpointSetError) {
        var living: SetCatalog.Contents?
        var problem: CheckpointSetError?
        for fileName in try names(in: path) where SetNames.isTombstone(fileName) {
            let tombstone = path.appending(fileName)
            let manifest: Manifest?
            do {
                manifest = try readTombstone(tombstone)
            } catch {
                // One that is not to be believed stays, and keeps nobody from anything.
                guard !error.isOfStorage else { throw error }
                continue
            }
            guard let manifest else { continue }
            let known = if let living { living } else { try entries() }
            living = known
            do {
                try finishRemoval(of: manifest, tombstone: tombstone, beside: known)
            } catch {
                problem = problem ?? error
            }
        }
        if let problem { throw problem }
    }

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
        if let failure = living.failure { throw failure }
        let own = Set(files.map { ByteName($0.path) })
        let taken = Set(living.entries.lazy.flatMap(\.paths).map(ByteName.init).filter(own.contains))
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
