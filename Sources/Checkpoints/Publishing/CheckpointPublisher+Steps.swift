import Collectives
import Files
import FoundationEssentials
import SystemPackage

extension CheckpointPublisher {
    /// Step 1: writes this rank's files under pending names. It uses no other rank, so any thread may do it.
    public func write(_ pending: PendingSet) throws -> [ManifestFile] {
        try prepareFolders(for: pending.files.map(\.path))
        let written = try pending.files.map { file in
            let target = try create(file.path, of: pending.header)
            do {
                try file.write(target)
            } catch {
                guard Mutant.failedWriteIgnored.isPlanted else { throw error }
            }
            return try complete(target, file.role)
        }
        guard !Mutant.syncOfFoldersLeftOut.isPlanted else { return written }
        for folder in folders(of: pending.files.map(\.path)) { try directory.fileSystem.synchronizeDirectory(folder) }
        return written
    }

    /// Step 2: agrees on whether all ranks have written, and returns the manifest: on rank 0 with all files, on the others with
    /// their own, which is all that they need.
    func gather(_ written: Result<[ManifestFile], any Error>, of pending: PendingSet) throws -> Manifest {
        do {
            if Mutant.failureKeptToItself.isPlanted { _ = try written.get() }
            var own = try world.together { try written.get() }
            for file in pending.gathered { own += try write(file, of: pending.header) }
            return try Manifest(gathering: own, of: pending.header, over: world)
        } catch let error as CollectiveError {
            throw error
        } catch {
            discard(paths(of: pending.files, pending.gathered), of: pending.header)
            throw error
        }
    }

    /// Step 3: gives the manifest its name.
    func commit(_ manifest: Manifest) throws {
        let fileSystem = directory.fileSystem
        let fileName = SetNames.manifest(of: manifest.name)
        let pending = directory.pendingPath(of: fileName, id: manifest.id)
        do {
            try world.together {
                guard world.rank == 0 else { return }
                let file = try fileSystem.create(pending, permissions: Self.permissions)
                try file.write(manifest.json(authenticatedBy: directory.key).span)
                try complete(file)
            }
        } catch let error as CollectiveError {
            throw error
        } catch {
            try? fileSystem.remove(pending)
            for file in manifest.files where file.rank == world.rank {
                try? fileSystem.remove(directory.pendingPath(of: file.path, id: manifest.id))
            }
            throw error
        }
        // From here on a failure does not tell whether the manifest has its name on the disk: nothing may be deleted.
        try world.together {
            guard world.rank == 0 else { return }
            try makeWay(for: directory.path.appending(fileName))
            try fileSystem.rename(pending, to: directory.path.appending(fileName))
            if !Mutant.syncOfManifestNameLeftOut.isPlanted { try fileSystem.synchronizeDirectory(directory.path) }
            directory.noteSet(manifest)
        }
    }

    /// Moves aside a directory that somebody has put where a manifest belongs: no file could replace it.
    private func makeWay(for manifest: FilePath) throws(FileError) {
        guard let status = try? directory.fileSystem.status(of: manifest), status.kind == .directory else { return }
        let aside = SetNames.aside(manifest.lastComponent?.string ?? "", Manifest.newID(step: 0, in: surroundings))
        try directory.fileSystem.rename(manifest, to: directory.path.appending(aside))
    }

    /// Step 4: gives this rank's files their final names, and returns what went wrong with that on any rank.
    func finishNames(of manifest: Manifest) throws -> String? {
        do {
            try world.together {
                try directory.rename(manifest.files.filter { $0.rank == world.rank }, of: manifest)
            }
            return nil
        } catch let error as CollectiveError {
            throw error
        } catch {
            return "\(error)"
        }
    }

    /// Writes a file of rank 0 with what all ranks contribute.
    private func write(_ file: GatheredFile, of header: Manifest) throws -> [ManifestFile] {
        let target = try world.together { () -> RecordedFile? in
            guard world.rank == 0 else { return nil }
            try prepareFolders(for: [file.path])
            return try create(file.path, of: header)
        }
        // All take part to the end and only then agree: a rank that stopped early would leave others waiting.
        let outcome = Result {
            try file.write(target)
            guard let target else { return [] as [ManifestFile] }
            let written = try complete(target, file.role)
            for folder in folders(of: [file.path]) { try directory.fileSystem.synchronizeDirectory(folder) }
            return [written]
        }
        if case .failure(let error as CollectiveError) = outcome { throw error }
        return try world.together { try outcome.get() }
    }

    /// Begins a file of a set under its pending name.
    private func create(_ path: String, of header: Manifest) throws(FileError) -> RecordedFile {
        let file = try directory.fileSystem.create(
            directory.pendingPath(of: path, id: header.id), permissions: Self.permissions)
        return RecordedFile(file, at: path, of: header.id, key: directory.key)
    }

    /// Ends a file of a set, and returns what its manifest says of it.
    private func complete(_ file: RecordedFile, _ role: CheckpointFile.Role) throws(FileError) -> ManifestFile {
        try complete(file)
        return file.record(rank: world.rank, role: role)
    }

    /// Files of sets are read-only, and for their owner alone, as MindSpore's are, from the moment they are made.
    private static var permissions: Int { 0o400 }

    /// Makes a file durable; its name becomes durable with its directory.
    private func complete(_ file: any WritableFile) throws(FileError) {
        if !Mutant.syncOfFileLeftOut.isPlanted { try file.synchronize() }
        try file.close()
    }

    /// Makes the directories of the files and the one of the sets, durably.
    private func prepareFolders(for paths: [String]) throws {
        for path in paths { precondition(SetNames.isPathBelow(path), "\(path) is no path below a directory") }
        let fileSystem = directory.fileSystem
        // Above the sets' directory only new directories are synchronized: the others may not be readable.
        var newParents: [FilePath] = []
        var ancestor = directory.path
        while !ancestor.isEmpty, ancestor != "/", try fileSystem.status(of: ancestor) == nil {
            ancestor.removeLastComponent()
            newParents.append(ancestor)
        }
        for folder in folders(of: paths) { try fileSystem.createDirectory(folder) }
        for parent in newParents.reversed() { try fileSystem.synchronizeDirectory(parent) }
    }

    /// The directories that files lie in and those above them, down to the one of the sets, which comes last.
    private func folders(of paths: [String]) -> [FilePath] {
        var folders: Set<FilePath> = []
        for path in paths {
            var relative = FilePath(path).removingLastComponent()
            while !relative.isEmpty {
                folders.insert(relative)
                relative.removeLastComponent()
            }
        }
        let deepestFirst = folders.sorted { $0.components.count > $1.components.count }
        return deepestFirst.map { directory.path.appending($0.components) } + [directory.path]
    }

    /// Deletes what this rank wrote for a set that will not be published.
    private func discard(_ paths: [String], of header: Manifest) {
        for path in paths { try? directory.fileSystem.remove(directory.pendingPath(of: path, id: header.id)) }
    }
}
