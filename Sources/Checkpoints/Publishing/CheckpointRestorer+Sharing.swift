import Collectives
import Files

extension CheckpointRestorer {
    /// How long a rank looks for a set that rank 0 sees, and for its files: a network file system shows new names on other
    /// hosts with a delay.
    static var patience: Duration { .seconds(3) }

    /// Throws on all ranks if one of them does not see a set that rank 0 does: then their directories are not the same.
    func checkIsShared(_ manifest: Manifest) throws {
        guard world.size > 1 else { return }
        let own = world.rank == 0 ? try? directory.mark(of: manifest) : nil
        // A run beside this one may have replaced or removed it; any other fault shows when it is used.
        guard let mark = try ManifestMark(broadcasting: own, over: world) else { return }
        let isSeen = surroundings.waits(for: Self.patience) { directory.holds(mark, ofSet: manifest.name) }
        let blind = try world.allReduce(isSeen ? Int64.max : Int64(world.rank), with: .minimum)
        guard blind != .max else { return }
        // It may have been replaced since; then rank 0 does not see it any more either.
        let isStillThere = try world.allReduce(
            Int32(world.rank == 0 && !directory.holds(mark, ofSet: manifest.name) ? 0 : 1), with: .minimum)
        guard isStillThere == 1 else { return }
        throw CommonFailure(
            CheckpointSetError.notShared(directory: directory.path, set: manifest.name, rank: Int(blind)))
    }
}
