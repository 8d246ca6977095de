import Checkpoints
import Collectives
import Files
import Graphs
import Logging
import Networks
import Records
public import SystemPackage
import Tensors
import Training

/// What a run begins from.
public enum ResumeSource: Hashable, Sendable {
    /// Nothing: what is there stays, and is replaced where names are the same.
    case never

    /// The newest published set in the directory, if there is one.
    case newest

    /// This set: the path of its manifest, with or without ".manifest.json".
    case set(FilePath)
}

/// Lets a run carry on from a set, all ranks together.
struct RunResumption {
    let context: RunContext
    let logger: Logger

    /// The settings that may be others than those of the saved run.
    let allowedChanges: Set<String>

    /// Loads the newest set of `directory` that verifies on all ranks, or the set named by `source`; nil if there is none.
    ///
    /// Sets that a callback of the run knows as its own are tried whatever is in them; others that a ``ModelCheckpoint`` may
    /// have named only if they hold all that the run needs.
    func resume(_ source: ResumeSource, in directory: CheckpointDirectory) throws -> ResumedRun? {
        func isOwn(_ name: String) -> Bool { context.ownsSet(named: name, in: directory.path) }
        switch source {
        case .never: return nil
        case .newest:
            return try carryOn(in: directory, isNamed: false) {
                isOwn($0) || CheckpointName($0) != nil
            } and: {
                isOwn($0.name) || holdsWholeState($0)
            }
        case .set(let path):
            let location = try context.world.together { try Self.location(path, on: directory.fileSystem) }
            let place = CheckpointDirectory(location.directory, fileSystem: directory.fileSystem, key: directory.key)
            // Whoever names a set vouches for it: so a run begun without a key carries on with one.
            let resumed = try carryOn(in: place, isNamed: true) {
                ByteName($0) == ByteName(location.name)
            } and: { _ in
                true
            }
            guard let resumed else { throw ResumeError.noSet(path) }
            return resumed
        }
    }

    private static func location(_ path: FilePath, on files: any FileSystem) throws -> SetLocation {
        if let location = try SetLocation(path, fileSystem: files) { return location }
        let manifest = FilePath(text: SetNames.manifest(of: path.text))
        guard let location = try SetLocation(manifest, fileSystem: files) else { throw ResumeError.noSet(path) }
        return location
    }

    private func holdsWholeState(_ set: Manifest) -> Bool {
        guard set.checkpoint.model == context.originalArgs().network.fingerprint else { return false }
        let saved = Set(set.checkpoint.parameters.map { ByteName($0.name) })
        return context.stateParameters.allSatisfy { saved.contains($0.name) }
    }

    private func carryOn(
        in directory: CheckpointDirectory, isNamed: Bool, where isWanted: (String) -> Bool,
        and suits: (Manifest) -> Bool
    ) throws -> ResumedRun? {
        let restorer = CheckpointRestorer(
            directory, world: context.world, model: context.originalArgs().network.fingerprint,
            acceptsUnmarked: isNamed, acceptsNonFinite: isNamed || context.finiteness.policy == .warn,
            surroundings: context.surroundings,
            open: { try CheckpointFormats.open($0, key: directory.key, acceptsPlain: true) })
        let state =
            Mutant.optimizerNotRestored.isPlanted
            ? context.originalArgs().network.parameters : context.stateParameters
        let wanted = state.map(\.asSaved)
        guard let restored = try newest(by: restorer, for: wanted, where: isWanted, and: suits) else { return nil }
        try context.carryOn(from: restored.manifest, allowing: allowedChanges)
        noteCallbacks(restored.manifest.checkpoint.record?.callbacks, isNamed: isNamed)
        let changes = try followSettings(of: restored.manifest)
        let warnings =
            restored.warnings + [restorer.tidy(after: restored.manifest), context.orderWarning].compactMap { $0 }
        for warning in warnings { logger.warning("\(warning)") }
        return ResumedRun(
            directory: directory.path, name: restored.manifest.name, position: context.position,
            finished: restored.manifest.checkpoint.progress.finished, cause: restored.manifest.checkpoint.cause,
            changes: changes)
    }

    /// Lets callbacks go on where they were. A run that a callback ended is finished, unless its set is named: then it is
    /// trained further, and they begin anew.
    private func noteCallbacks(_ record: CallbackRecord?, isNamed: Bool) {
        guard let record else { return }
        guard record.endsRun, isNamed else {
            context.epochs.resumed = record
            context.epochs.isRunEnded = record.endsRun
            return
        }
        context.epochs.ended = record.endedEpoch
    }

    /// What is wrong with each set names the ranks that found it; all of them throw it.
    private func newest(
        by restorer: CheckpointRestorer, for wanted: [ShardedParameter], where isWanted: (String) -> Bool,
        and suits: (Manifest) -> Bool
    ) throws -> CheckpointRestorer.RestoredShards? {
        do {
            return try restorer.restoreNewest(
                for: wanted, optional: context.parametersToLoad.map(\.asSaved), where: isWanted, and: suits
            ) { manifest in
                _ = try context.place(of: manifest, allowing: allowedChanges)
                try refuseOtherSettings(than: manifest)
            }
        } catch let error as CheckpointSetError {
            guard case .nothingUsable = error else { throw error }
            throw CommonFailure(error)
        }
    }
}
