import Files
import SystemPackage

extension CheckpointDirectory {
    /// Gives the files of a published set their final names if they do not have them: a kill may have come between publishing and
    /// renaming.
    ///
    /// For whoever publishes here. A process that only reads needs no renames, and must not race with one that writes.
    public func completeRenames(_ manifest: Manifest) throws(CheckpointSetError) {
        try completeRenames(of: manifest.files, in: manifest)
    }

    /// The same for some of the files, so that ranks can share the work.
    func completeRenames(of files: [ManifestFile], in manifest: Manifest) throws(CheckpointSetError) {
        guard !files.isEmpty else { return }
        do {
            // If power failed after these renames and brought the old manifest back, its files would be gone.
            try fileSystem.synchronizeDirectory(path)
            try rename(files, of: manifest)
        } catch {
            throw .file(error)
        }
    }

    /// Moves files of a set, whose manifest is on stable storage, from their pending names to their final ones.
    func rename(_ files: [ManifestFile], of manifest: Manifest) throws(FileError) {
        var folders: Set<FilePath> = []
        for file in files {
            let final = finalPath(of: file)
            do {
                try fileSystem.rename(pendingPath(of: file.path, id: manifest.id), to: final)
                folders.insert(final.removingLastComponent())
            } catch {
                // Done already.
                guard error.errno == .noSuchFileOrDirectory else { throw error }
            }
        }
        for folder in folders { try fileSystem.synchronizeDirectory(folder) }
    }

    /// Deletes pending files of earlier attempts at writing the files at `paths`, except those of the set `id`.
    ///
    /// They may take the space that the next attempt needs. Success or failure changes nothing for a reader, so errors are
    /// ignored.
    func removeLeftovers(at paths: [String], keeping id: String?) {
        for (folder, files) in Dictionary(grouping: paths.map(finalPath), by: { $0.removingLastComponent() }) {
            let fileNames = files.compactMap { $0.lastComponent?.string }
            // Most names are those of other sets.
            for candidate in (try? fileSystem.names(in: folder)) ?? [] where candidate.hasPrefix(".") {
                let ids = fileNames.compactMap { SetNames.id(inPending: candidate, of: $0) }
                if let found = ids.first, found != id { try? fileSystem.remove(folder.appending(candidate)) }
            }
        }
    }
}
