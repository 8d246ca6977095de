import Collectives
import Files
import FoundationEssentials
import SystemPackage

extension CheckpointPublisher {
    /// Step 1: writes this rank's files under pending names. It uses no other rank, so any thread may do it.
    public func write(_ pending: PendingSet) throws -> [ManifestFile] {
        try prepareFolders(for: pending.files)
        let written = try pending.files.map { file in
            let path = directory.pendingPath(of: file.path, id: pending.header.id)
            let (byteCount, checksum) = try create(path, file.write)
            return ManifestFile(
                path: file.path, rank: world.rank, role: file.role, byteCount: byteCount,
                xxh3: Checksum.hexadecimal(checksum))
        }
        for folder in folders(of: pending.files) { try directory.fileSystem.synchronizeDirectory(folder) }
        return written
    }

    /// Step 2: agrees on whether all ranks have written, and returns the manifest with all files.
    func gather(_ written: Result<[ManifestFile], any Error>, of pending: PendingSet) throws -> Manifest {
        do {
            let own = try world.together { try written.get() }
            let all = try world.allGather(ManifestFile.encode(own)).flatMap(ManifestFile.decode)
            let manifest = pending.header.with(all)
            // The same manifest everywhere, so all ranks throw or none.
            try manifest.checkPublishable { () throws(ManifestProblem) in try manifest.checkFiles() }
            return manifest
        } catch let error as CollectiveError {
            throw error
        } catch {
            discard(pending.files, of: pending.header)
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
                try create(pending) { try $0.write(manifest.json.span) }
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
            try fileSystem.rename(pending, to: directory.path.appending(fileName))
            try fileSystem.synchronizeDirectory(directory.path)
        }
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

    /// Writes a durable read-only file, as MindSpore's are; its name becomes durable with its directory.
    @discardableResult
    private func create(
        _ path: FilePath, _ write: (any WritableFile) throws -> Void
    ) throws -> (byteCount: Int, checksum: UInt64) {
        let file = ChecksummingFile(try directory.fileSystem.create(path))
        try write(file)
        // Before the rename, so that no file ever has its final name and another mode.
        try directory.fileSystem.setPermissions(0o400, of: path)
        try file.synchronize()
        try file.close()
        return (file.byteCount, file.checksumValue)
    }

    /// Makes the directories of the files and the one of the sets, durably.
    private func prepareFolders(for files: [CheckpointFile]) throws {
        for file in files { precondition(SetNames.isPathBelow(file.path), "\(file.path) is no path below a directory") }
        let fileSystem = directory.fileSystem
        // Above the sets' directory only what is made here is synchronized: the rest may not be readable.
        var newParents: [FilePath] = []
        var ancestor = directory.path
        while !ancestor.isEmpty, ancestor != "/", try fileSystem.status(of: ancestor) == nil {
            ancestor.removeLastComponent()
            newParents.append(ancestor)
        }
        for folder in folders(of: files) { try fileSystem.createDirectory(folder) }
        for parent in newParents.reversed() { try fileSystem.synchronizeDirectory(parent) }
    }

    /// The directories that files lie in and those above them, down to the one of the sets, which comes last.
    private func folders(of files: [CheckpointFile]) -> [FilePath] {
        var folders: Set<FilePath> = []
        for file in files {
            var relative = FilePath(file.path).removingLastComponent()
            while !relative.isEmpty {
                folders.insert(relative)
                relative.removeLastComponent()
            }
        }
        let deepestFirst = folders.sorted { $0.components.count > $1.components.count }
        return deepestFirst.map { directory.path.appending($0.components) } + [directory.path]
    }

    /// Deletes what this rank wrote for a set that is not going to be.
    private func discard(_ files: [CheckpointFile], of header: Manifest) {
        for file in files {
            try? directory.fileSystem.remove(directory.pendingPath(of: file.path, id: header.id))
        }
    }
}
