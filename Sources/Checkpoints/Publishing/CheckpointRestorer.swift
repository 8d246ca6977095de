public import Collectives
public import Files
import FoundationEssentials
import Records
import Tensors

/// Finds the set to carry on from and opens it: all ranks together, all the same set.
public struct CheckpointRestorer {
    /// Where sets are looked for.
    public let directory: CheckpointDirectory

    let world: any Communicator
    let surroundings: any Surroundings
    let open: (any ReadableFile) throws -> any CheckpointReader
    private let model: String?
    private let acceptsUnmarked: Bool
    private let acceptsNonFinite: Bool

    /// Makes a restorer; all ranks of `world` use theirs together, with the same directory.
    ///
    /// With `model` given, a set that another model saved is refused. If the directory has a key, so is a set that the key does
    /// not prove, and unless `acceptsUnmarked`, one that carries no code: anybody may have saved such a set. Unless
    /// `acceptsNonFinite`, sets of runs whose numbers were no longer finite are passed over. `open` knows the format of the
    /// files.
    public init(
        _ directory: CheckpointDirectory, world: any Communicator, model: String? = nil, acceptsUnmarked: Bool = false,
        acceptsNonFinite: Bool = true, surroundings: any Surroundings = .system,
        open: @escaping (any ReadableFile) throws -> any CheckpointReader = { try CkptReader(file: $0) }
    ) {
        self.directory = directory
        self.world = world
        self.surroundings = surroundings
        self.model = model
        self.acceptsUnmarked = acceptsUnmarked
        self.acceptsNonFinite = acceptsNonFinite
        self.open = open
    }

    /// A set that verified on all ranks.
    public struct Restored: Sendable {
        /// What it is: on rank 0 with all its files, on the others with those that concern them.
        public let manifest: Manifest

        /// The state of this rank, open.
        public let reader: any CheckpointReader

        /// Why newer sets were passed over, a sentence each.
        public let warnings: [String]
    }

    /// Opens the set of a name; nil if there is none.
    ///
    /// Throws on all ranks if any of them cannot use it.
    public func restore(named name: String) throws -> Restored? {
        try restoreNewest { ByteName($0) == ByteName(name) }
    }

    /// Opens the newest set that verifies on all ranks, among those whose name satisfies `isWanted`; nil if there are
    /// no sets.
    ///
    /// If any rank finds damage, all fall back to the next older set. Throws on all ranks if there are sets and none can
    /// be used, so that a run never begins anew by accident, and if the newest one is of another model.
    public func restoreNewest(where isWanted: (String) -> Bool = { _ in true }) throws -> Restored? {
        try newestUsable(where: isWanted) { manifest, warnings in
            let saver = try world.together { try manifest.saver(for: world.rank) }
            let (manifest, _) = try manifest.shared([saver], over: world)
            let mark = try ManifestMark(of: manifest, in: directory, over: world)
            let reader = try world.together { try openState(of: manifest, mark) }
            return Restored(manifest: manifest, reader: reader, warnings: warnings)
        }
    }

    /// What `use` makes of the newest set, or if it throws, of the next older one; nil if there are no sets.
    ///
    /// Rank 0 alone knows the files of the sets (``Manifest/shared(_:over:)``). `use` is called on all ranks together and throws
    /// on all or none. It is given what is wrong with newer sets. What `accept` throws is thrown. What `suits` says counts on rank 0.
    func newestUsable<Used>(
        where isWanted: (String) -> Bool, and suits: (Manifest) -> Bool = { _ in true },
        accepting accept: (Manifest) throws -> Void = { _ in }, _ use: (Manifest, [String]) throws -> Used
    ) throws -> Used? {
        var candidates = try findCandidates(where: isWanted, and: suits)
        while true {
            var problems = candidates.problems
            for manifest in candidates.manifests {
                if let finding = manifest.checkpoint.record?.nonFinite, !acceptsNonFinite {
                    problems.append(Self.problem(finding, with: manifest))
                    continue
                }
                try checkIsShared(manifest)
                try accept(manifest)
                do {
                    let warnings =
                        candidates.idsWithOldCodes.contains(manifest.id) ? [Self.oldCodesWarning(of: manifest)] : []
                    return try use(manifest, problems.abridged(to: 20) + warnings)
                } catch let error as CollectiveError {
                    throw error
                } catch {
                    problems.append(Self.problem(error, with: manifest))
                }
            }
            guard !problems.isEmpty else { return nil }
            // A run in progress there may have removed one set after the other and published others.
            let tried = Set(candidates.manifests.map(\.id))
            let found = try findCandidates(where: isWanted, and: suits)
            guard found.manifests.contains(where: { !tried.contains($0.id) }) else {
                throw CheckpointSetError.nothingUsable(directory: directory.path, reasons: problems.abridged(to: 20))
            }
            candidates = found
        }
    }

    /// Gives the files of a restored set their final names, if a kill kept them from it, and finishes removals.
    ///
    /// For a run that goes on to publish in this directory, all ranks together. Readers need none of this, so what goes
    /// wrong comes back as a sentence a rank and changes nothing.
    public func tidy(after manifest: Manifest) -> String? {
        do {
            let own = manifest.files.filter { $0.rank % world.size == world.rank }
            try directory.completeRenames(of: own, in: manifest)
            if world.rank == 0 { try directory.finishRemovals() }
            return nil
        } catch {
            return "\(error)"
        }
    }

    /// What rank 0 finds, on all ranks: there with the files of the sets, elsewhere without.
    private func findCandidates(
        where isWanted: (String) -> Bool, and suits: (Manifest) -> Bool
    ) throws -> Candidates {
        let found = try world.together {
            world.rank == 0 ? try proven(directory.list(where: isWanted, and: suits)) : Candidates()
        }
        let bytes = try world.broadcast(
            world.rank == 0 ? Array(JSONEncoder().encode(found.withoutFiles)) : [], from: 0)
        let candidates = try world.rank == 0 ? found : JSONDecoder().decode(Candidates.self, from: Data(bytes))
        try world.together { try checkModel(of: candidates.manifests.first) }
        return candidates
    }

    /// The sets that the key proves, and what is wrong with the others.
    private func proven(_ listing: CheckpointDirectory.Listing) -> Candidates {
        var manifests: [Manifest] = []
        var problems = listing.unreadable.map(\.description) + listing.doubts
        for manifest in listing.manifests {
            do throws(CheckpointSetError) {
                try directory.checkAuthenticity(of: manifest, acceptsUnmarked: acceptsUnmarked)
                manifests.append(manifest)
            } catch {
                problems.append(Self.problem(error, with: manifest))
            }
        }
        // Sets with codes of the old kind come last: somebody may have put back a forged one.
        let forgeable = manifests.filter { directory.key != nil && $0.hasOldCodes }
        manifests.removeAll { directory.key != nil && $0.hasOldCodes }
        return Candidates(
            manifests: manifests + forgeable, problems: problems.abridged(), idsWithOldCodes: Set(forgeable.map(\.id)))
    }

    private static func oldCodesWarning(of manifest: Manifest) -> String {
        "checkpoint \(manifest.name) has codes as earlier versions made them: who has seen two that were computed for "
            + "bytes they know can forge a file; the next save makes new ones"
    }

    private static func problem(_ error: Any, with manifest: Manifest) -> String {
        "checkpoint \(manifest.name) of step \(manifest.checkpoint.progress.step) is not used: \(error)"
    }

    func checkModel(of newest: Manifest?) throws(CheckpointSetError) {
        guard let newest, let model, newest.checkpoint.model != model else { return }
        throw .otherModel(name: newest.name, found: newest.checkpoint.model, expected: model)
    }

    private func openState(of manifest: Manifest, _ mark: ManifestMark) throws -> any CheckpointReader {
        try checkModel(of: manifest)
        let file = try manifest.stateFile(for: world.rank)
        return try open(
            directory.verified(file, of: manifest) { () throws(CheckpointSetError) in
                try directory.open(file, of: manifest, mark, waiting: Self.patience, surroundings)
            })
    }
}

private struct Candidates: Codable {
    var manifests: [Manifest] = []
    var problems: [String] = []
    /// The ids of those with codes of the old kind.
    var idsWithOldCodes: Set<String> = []

    var withoutFiles: Candidates {
        Candidates(manifests: manifests.map { $0.with([]) }, problems: problems, idsWithOldCodes: idsWithOldCodes)
    }
}
