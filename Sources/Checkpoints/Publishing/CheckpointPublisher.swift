public import Collectives
public import Files
import FoundationEssentials
import SystemPackage
import Tensors

/// Publishes sets of checkpoint files: all ranks together, all or nothing.
///
///     let published = try CheckpointPublisher(directory, world: world).publish(set, files: [
///         CheckpointFile("rank_\(world.rank)/LeNet5_train.ckpt") { file in try save(to: file) }
///     ])
///
/// 1. Every rank writes its files under pending names and makes them durable.
/// 2. All agree that this worked; if not, each deletes what it wrote and all throw.
/// 3. Rank 0 writes the manifest under a temporary name, makes it durable, and gives it its name: from that moment on
///    the new set is the one that readers find, under the pending names.
/// 4. Every rank gives its files their final names, over those of the old set of this name, if there is one.
///
/// A kill or a power failure at any moment leaves the old set or the new one whole. If step 3 fails so late that nobody
/// can tell which of them the disk holds, all ranks throw and the files of both stay. When the world itself fails
/// (`CollectiveError`), a rank does not know how far the others are, and deletes nothing either.
///
/// With ``CheckpointDirectory/key`` every file and the manifest carry a code, which ``CheckpointRestorer`` checks.
public struct CheckpointPublisher: Sendable {
    /// Where sets are published.
    public let directory: CheckpointDirectory

    let world: any Communicator
    private let branch: RunBranch?
    let surroundings: any Surroundings

    /// Makes a publisher; all ranks of `world` use theirs together, with the same directory.
    ///
    /// A set follows the `branch` of its run, as rank 0 knows it; without one no lineage is recorded.
    public init(
        _ directory: CheckpointDirectory, world: any Communicator, branch: RunBranch? = nil,
        surroundings: any Surroundings = .system
    ) {
        self.directory = directory
        self.world = world
        self.branch = branch
        self.surroundings = surroundings
    }

    /// A set that readers find from now on.
    public struct Published: Sendable {
        /// What it is: on rank 0 with all its files, on the others with those that they have written.
        public let manifest: Manifest

        /// What went wrong after it was published: files that still have their pending names. Readers find them there.
        public let warning: String?
    }

    /// A set that is about to be written: its name and id are agreed on, and there is room for it.
    public struct PendingSet: Sendable {
        /// What its manifest will say, except for the files.
        public let header: Manifest

        let files: [CheckpointFile]
        let gathered: [GatheredFile]
        /// On rank 0, the set that this one replaces.
        let previous: Manifest?
    }

    /// Publishes a set with the files of all ranks. Of `set`, what rank 0 gives counts; all ranks give the same `gathered`.
    ///
    /// Throws on all ranks if it throws on one: what went wrong there, in a world of several as a `RankFailure` that
    /// names the rank.
    public func publish(
        _ set: CheckpointSet, files: [CheckpointFile], gathered: [GatheredFile] = []
    ) throws -> Published {
        let pending = try begin(set, files: files, gathered: gathered)
        return try finish(pending, written: Result { try write(pending) })
    }

    /// Prepares a set, all ranks together. ``write(_:)`` and then ``finish(_:written:)`` must follow.
    ///
    /// A run that goes on while its files are being written calls these three one by one. Gathered files need the world
    /// and are written when it finishes.
    public func begin(
        _ set: CheckpointSet, files: [CheckpointFile], gathered: [GatheredFile] = []
    ) throws -> PendingSet {
        let header = try agreeOnHeader(set)
        let previous = try makeRoom(for: header, paths(of: files, gathered) + manifestPaths(of: header))
        return PendingSet(header: header, files: files, gathered: gathered, previous: previous)
    }

    /// Publishes what all ranks have written, or throws on all of them if one rank could not write.
    public func finish(_ pending: PendingSet, written: Result<[ManifestFile], any Error>) throws -> Published {
        let manifest = try gather(written, of: pending)
        if Mutant.namesBeforeManifest.isPlanted { _ = try finishNames(of: manifest) }
        try commit(manifest)
        let warning = try finishNames(of: manifest)
        let paths = paths(of: pending.files, pending.gathered) + manifestPaths(of: manifest)
        directory.removeLeftovers(at: paths, keeping: manifest.id)
        removeOrphans(of: pending.previous, replacedBy: manifest)
        return Published(manifest: manifest, warning: warning)
    }

    /// What this rank writes.
    func paths(of files: [CheckpointFile], _ gathered: [GatheredFile]) -> [String] {
        files.map(\.path) + (world.rank == 0 ? gathered.map(\.path) : [])
    }

    private func manifestPaths(of header: Manifest) -> [String] {
        world.rank == 0 ? [SetNames.manifest(of: header.name)] : []
    }

    /// The manifest without files, the same on all ranks: there must be one id, and clocks differ.
    private func agreeOnHeader(_ set: CheckpointSet) throws -> Manifest {
        let now = Date(timeIntervalSince1970: surroundings.date.timeIntervalSince1970.rounded(.down))
        let lineage = try nextLineage()
        let own = Manifest(
            set, id: Manifest.newID(step: set.progress.step, in: surroundings), created: now, worldSize: world.size,
            lineage: lineage)
        let header = try Manifest(broadcasting: own, over: world)
        try header.checkPublishable { () throws(ManifestProblem) in
            try header.checkHeader()
            try header.checkLayouts()
        }
        return header
    }

    /// What rank 0 says the set follows. It is decided before files are written: a set that is published later may have been
    /// begun earlier, with an earlier state.
    private func nextLineage() throws -> Lineage? {
        guard let branch else { return nil }
        return try world.together {
            guard world.rank == 0 else { return nil }
            return branch.next(amid: try directory.entries().entries)
        }
    }

    /// Deletes what interrupted attempts at this set have left, for it may fill the disk, and returns on rank 0 the set
    /// that is to be replaced.
    private func makeRoom(for header: Manifest, _ paths: [String]) throws -> Manifest? {
        let previous = world.rank == 0 ? durableManifest(named: header.name) : .unknown
        // The id that is kept. The empty text is no id, so it stands for keeping none.
        let answer: String =
            switch previous {
            case .unknown: Self.keepAll
            case .absent: ""
            case .present(let manifest, _): manifest.id
            }
        let kept = try world.broadcast(answer, from: 0)
        if kept != Self.keepAll { directory.removeLeftovers(at: paths, keeping: kept) }
        // A manifest that is not proven must not decide what is deleted.
        guard case .present(let manifest, isBelieved: true) = previous else { return nil }
        return manifest
    }

    private static let keepAll = "*"

    private enum Previous {
        case unknown, absent, present(Manifest, isBelieved: Bool)
    }

    /// The set of a name that is durable: it is there whatever happens from now on.
    private func durableManifest(named name: String) -> Previous {
        do {
            guard try directory.fileSystem.status(of: directory.path) != nil else { return .absent }
            // Otherwise a power failure could bring back an older manifest than the one read here.
            try directory.fileSystem.synchronizeDirectory(directory.path)
            return try directory.readManifest(named: name).map { .present($0.manifest, isBelieved: $0.isBelieved) }
                ?? .absent
        } catch {
            // Then any pending file may be part of a set. The next steps find out whether saving works.
            return .unknown
        }
    }

    /// Deletes files of the replaced set that the new one does not have, as when it has fewer ranks.
    private func removeOrphans(of previous: Manifest?, replacedBy manifest: Manifest) {
        guard let previous else { return }
        let paths = Set(manifest.files.map { ByteName($0.path) })
        let orphans = previous.files.filter { !paths.contains($0.path) }
        // Both sets are named in full by their manifests: files that stay behind do no harm.
        if !orphans.isEmpty { try? directory.deleteFiles(orphans, of: previous, beside: directory.lastEntries()) }
    }
}
