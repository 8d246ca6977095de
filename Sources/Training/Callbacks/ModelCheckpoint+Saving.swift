import Checkpoints
import Collectives
import Foundation
import Graphs
import Logging
import Networks
import SystemPackage

extension ModelCheckpoint {
    /// Whether a set of this name in this directory may be one of this callback's that a run can carry on from.
    func leaves(_ name: String, in directory: FilePath) -> Bool {
        guard case .fixed(let own) = self.directory, case .fixed(let prefix) = prefix, config.savedNetwork == nil,
            FilePath(own).lexicallyNormalized() == directory.lexicallyNormalized(), let parts = CheckpointName(name)
        else { return false }
        return PrefixFamily(prefix: prefix).index(of: parts.prefix) != nil
    }

    /// The parameters that are saved.
    func savedParameters(_ context: RunContext) -> [Parameter] {
        config.savedNetwork.map(\.parameters) ?? context.stateParameters
    }

    func place(_ path: String) -> CheckpointDirectory { CheckpointDirectory(FilePath(path), fileSystem: files) }

    /// Saves the state of now, all ranks together.
    func save(_ cause: SaveCause, in session: SaveSession, isBreakpoint: Bool = false) throws {
        try session.finish()
        try session.measure {
            let context = session.context
            let (rank, ranks) = (context.world.rank, context.world.size)
            let directory = place(try text(directory, in: context))
            let name = try name(in: directory, session, isBreakpoint: isBreakpoint)
            let parameters = savedParameters(context)
            let kind = kind(ranks: ranks)
            let set = context.checkpointSet(
                name, kind: kind, cause: cause, of: config.savedNetwork ?? context.originalArgs().network, parameters,
                metrics: metrics(context.originalArgs()))
            let share = TrainingState(parameters, extras: extras(context)).share(of: rank, of: ranks, kind: kind)
            let path = filePath(of: name, rank: kind == .integrated ? 0 : rank, ranks: ranks)
            let options = fileOptions
            let makeFiles = { (state: TrainingState) -> [CheckpointFile] in
                guard share != nil else { return [] }
                let own = CheckpointFile(path) { try state.write(to: $0, path: FilePath(path), as: options) }
                return [own] + self.companions(of: name, state, context)
            }
            let state = share ?? .empty
            let prefix = isBreakpoint ? nil : session.prefix
            let finish = { (manifest: Manifest) in
                // As in MindSpore, a breakpoint is not the latest file.
                if !isBreakpoint { self.note(manifest, at: directory.path.appending(path), context) }
                self.removeOld(in: directory, prefix: prefix, context)
            }
            // A breakpoint is saved where nothing comes after it.
            if config.asyncSave, !isBreakpoint {
                try session.saver.begin(set, of: state, in: directory, files: makeFiles)
                session.afterPublishing = finish
            } else {
                finish(try session.saver.save(set, of: state, in: directory, files: makeFiles))
            }
        }
    }

    private func note(_ manifest: Manifest, at path: FilePath, _ context: RunContext) {
        latestCkptFileName = path.string
        let run = context.originalArgs()
        run.latestCkptFile = path.string
        run.lastSaveCkptStep = manifest.checkpoint.progress.step
        didPublish(manifest, in: context)
    }

    /// Removes what retention no longer wants. Rank 0 does it alone; a failure is no reason to end a training.
    private func removeOld(in directory: CheckpointDirectory, prefix: String?, _ context: RunContext) {
        guard context.world.rank == 0, let prefix, config.retention != .everything else { return }
        do {
            let manifests = try directory.list { name in
                CheckpointName(name).map { $0.prefix == prefix && !$0.isBreakpoint } ?? false
            }.manifests
            let sets = manifests.map { manifest in
                KeptSet(
                    name: manifest.name, step: manifest.checkpoint.progress.step,
                    time: manifest.created.timeIntervalSince1970, metrics: manifest.checkpoint.metrics ?? [:])
            }
            let superfluous = config.retention.removable(of: sets, now: clock.date().timeIntervalSince1970)
            let names = Set(superfluous.map(\.name))
            for manifest in manifests.reversed() where names.contains(manifest.name) { try directory.remove(manifest) }
        } catch {
            logger.warning("checkpoints that are no longer wanted stay: \(error)")
        }
    }

    /// Which ranks write what.
    private func kind(ranks: Int) -> CheckpointSet.Kind {
        if config.removeRedundancy, ranks > 1 { return .deduplicated }
        return config.integratedSave ? .integrated : .replicated
    }

    private var fileOptions: CheckpointFileOptions {
        // The key was compared with the mode when the configuration was made.
        let encryption = config.encKey.flatMap { try? Encryption(key: $0, mode: config.encMode) }
        return CheckpointFileOptions(
            config.format, encryption, config.crcCheck, removeRedundancy: config.removeRedundancy)
    }

    private func metrics(_ run: CallbackParameters) -> [String: Double] {
        var metrics = run.evalResults ?? [:]
        if let loss = run.loss { metrics["loss"] = Double(loss) }
        return metrics
    }
}
