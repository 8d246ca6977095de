import Collectives
import Files

extension CheckpointRestorer {
    /// How long a rank looks for a set that rank 0 sees, and for its files: a network file system shows new names on other
    /// hosts with a delay.
    static var patience: Duration { .seconds(3) }

    /// Throws on all ranks if one of them does not see a set that rank 0 does: then their directories are not the same.
    func checkIsShared(_ manifest: Manifest) throws {
        guard world.size > 1 else { return }
        let isSeen = surroundings.waits(for: Self.patience) { directory.holds(manifest) }
        let blind = try world.allReduce(isSeen ? Int64.max : Int64(world.rank), with: .minimum)
        guard blind != .max else { return }
        // A run beside this one may have replaced or removed it since; then rank 0 does not see it any more either.
        let isStillThere = try world.allReduce(
            Int32(world.rank == 0 && !directory.holds(manifest) ? 0 : 1), with: .minimum)
        guard isStillThere == 1 else { return }
        throw CommonFailure(
            CheckpointSetError.notShared(directory: directory.path, set: manifest.name, rank: Int(blind)))
    }
}

extension CheckpointDirectory {
    /// Whether this very set is here.
    fileprivate func holds(_ manifest: Manifest) -> Bool {
        (try? self.manifest(named: manifest.name))?.id == manifest.id
    }

    /// Whether a file of a set is here, under one of its names; or whether there is no use in waiting for it, for the set is
    /// gone.
    func holds(_ file: ManifestFile, of manifest: Manifest) -> Bool {
        let paths = [pendingPath(of: file.path, id: manifest.id), finalPath(of: file)]
        let isThere = paths.contains { (try? fileSystem.status(of: $0)) ?? nil != nil }
        return isThere || !holds(manifest)
    }
}
