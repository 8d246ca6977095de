import Checkpoints
import Ciphers
import Collectives
import Files
import Foundation
import Graphs
import Logging
import Networks
import SystemPackage
import Tensors
import Training

extension ModelCheckpoint {
    /// Whether a set of this name in this directory may be one of this callback's that a run can carry on from.
    func leaves(_ name: String, in directory: FilePath) -> Bool {
        guard savesWholeState(in: directory), case .fixed(let prefix) = prefix, let parts = CheckpointName(name) else {
            return false
        }
        return PrefixFamily(prefix: prefix).index(of: parts.prefix) != nil
    }

    /// Whether it saves all that a run needs to carry on, in this directory.
    func savesWholeState(in directory: FilePath) -> Bool {
        guard case .fixed(let own) = self.directory, config.savedNetwork == nil, savesOptimizer else { return false }
        return FilePath(text: own).lexicallyNormalized() == directory.lexicallyNormalized()
    }

    /// The parameters that are saved.
    func savedParameters(_ context: RunContext) -> [Parameter] {
        let saved = config.savedNetwork?.parameters
        // What is a part of the network that is trained keeps the names that it has there, which are given last.
        let network = context.originalArgs().network.parameters
        let all = saved ?? (savesOptimizer ? context.stateParameters : network)
        return all.filter { isSaved($0.name) }
    }

    func place(_ path: String, _ context: RunContext) -> CheckpointDirectory {
        context.directory(FilePath(text: path), on: files, key: config.form.encryption?.key)
    }

    /// Saves the state of now, all ranks together.
    func save(_ cause: SaveCause, in session: SaveSession, isBreakpoint: Bool = false) throws {
        try session.saver.finish()
        try session.measure {
            let context = session.context
            let begin = context.surroundings.now
            let nonFinite = try context.agreeOnFiniteState()
            try willSave(context)
            let directory = place(try text(directory, in: context), context)
            let name = try name(in: directory, session, isBreakpoint: isBreakpoint)
            // A breakpoint is saved where nothing comes after it.
            let isAsynchronous = config.asyncSave && !isBreakpoint
            let companion = companion(of: name, context)
            var saved = SavedParameters(savedParameters(context), beside: companion?.parameters ?? [])
            let isSplit = !saved.all.allSatisfy(\.isWhole)
            let kind = kind(isSplit: isSplit, ranks: context.world.size)
            let isWritten = kind != .integrated || isSplit || context.world.rank == 0
            if isAsynchronous && isWritten { saved.all = session.buffer.copy(of: saved.all) }
            let ranks = context.world.size
            var plan = plan(kind, name, saved.own, extras(context), context) {
                self.filePath(of: name, rank: $0, ranks: ranks)
            }
            if let companion {
                plan = plan.adding(companion: self.plan(kind, name, saved.others, [], context, path: companion.path))
            }
            let network = config.savedNetwork ?? context.originalArgs().network
            let set = try context.checkpointSet(
                name, kind, plan, cause: cause, of: network, metrics: context.stateMetrics, nonFinite: nonFinite,
                retention: isBreakpoint ? nil : config.retention)
            let prefix = isBreakpoint ? nil : session.prefix
            if Mutant.retentionBeforePublish.isPlanted {
                removeOld(in: directory, prefix: prefix, context, beside: [.coming])
            }
            let finish = { (manifest: Manifest) in
                // As in MindSpore, a breakpoint is not the latest file.
                if !isBreakpoint { self.note(manifest, in: directory, context) }
                let time = begin.duration(to: context.surroundings.now)
                self.didPublish(manifest, in: directory, after: time, context)
                self.removeOld(in: directory, prefix: prefix, context)
            }
            if isAsynchronous {
                try session.saver.begin(set, plan, in: directory, logger: logger, whenPublished: finish)
            } else {
                finish(
                    try session.saver.save(
                        set, files: plan.files, gathered: plan.gathered, in: directory, logger: logger))
            }
        }
    }

    private func plan(
        _ kind: CheckpointSet.Kind, _ name: String, _ parameters: [ShardedParameter],
        _ extras: [(name: String, value: CheckpointValue)], _ context: RunContext, path: @escaping (Int) -> String
    ) -> SavePlan {
        SavePlan(
            kind, named: name, parameters, extras: extras, mesh: context.mesh, world: context.world,
            form: config.form, path: path)
    }

    private func note(_ manifest: Manifest, in directory: CheckpointDirectory, _ context: RunContext) {
        let rank = manifest.checkpoint.kind == .integrated ? 0 : context.world.rank
        let path = filePath(of: manifest.name, rank: rank, ranks: context.world.size)
        latestCkptFileName = directory.path.appending(path).string
        let run = context.originalArgs()
        run.latestCkptFile = latestCkptFileName
        run.lastSaveCkptStep = manifest.checkpoint.progress.step
    }

    /// Removes what retention no longer wants. Rank 0 does it alone; a failure is no reason to end a training.
    private func removeOld(
        in directory: CheckpointDirectory, prefix: String?, _ context: RunContext, beside others: [KeptSet] = []
    ) {
        guard context.world.rank == 0, let prefix, config.retention != .everything else { return }
        do {
            let run = context.branch.run
            let all = try directory.lastEntries().entries
            let newest = all.newest(ofRun: run)
            // Sets of older versions do not say of which run they are; with this prefix, they are of what it carries on. What the
            // key does not prove may name anybody's files.
            let own = all.filter { set in
                set.isBelieved
                    && CheckpointName(set.name).map { ByteName($0.prefix) == ByteName(prefix) && !$0.isBreakpoint }
                        ?? false
                    && set.lineage.map { $0.run == run } ?? true
            }
            let superfluous = config.retention.removable(
                of: own.map { KeptSet($0, onBranchOf: newest) } + others,
                now: context.surroundings.date.timeIntervalSince1970)
            var problem: (any Error)?
            for set in superfluous {
                do { try directory.manifest(named: set.name).map(directory.remove) } catch { problem = error }
            }
            // What keeps one from going keeps no other.
            if let problem { throw problem }
        } catch {
            logger.warning("checkpoints that are no longer wanted stay: \(error)")
        }
    }

    /// Which ranks write what.
    func kind(isSplit: Bool, ranks: Int) -> CheckpointSet.Kind {
        if config.removeRedundancy, ranks > 1 { return .deduplicated }
        if isIntegrated(ranks: ranks) { return .integrated }
        return isSplit ? .sharded : .replicated
    }
}

extension KeptSet {
    /// One that is about to be published, for the mutant that removes old ones before.
    fileprivate static var coming: KeptSet { KeptSet(name: "", step: .max, time: .infinity, generation: .max) }
}

/// The parameters of the files of a set, each once, so that a copy of them holds none twice.
private struct SavedParameters {
    /// All of them.
    var all: [ShardedParameter]

    private let ownCount: Int
    private let otherIndices: [Int]

    /// Joins the parameters of the state and of the files beside it.
    init(_ own: [Parameter], beside others: [Parameter]) {
        var places = Dictionary(
            own.enumerated().map { (ObjectIdentifier($1), $0) }, uniquingKeysWith: { first, _ in first })
        let more = others.filter { places[ObjectIdentifier($0)] == nil }
        for (index, parameter) in more.enumerated() { places[ObjectIdentifier(parameter)] = own.count + index }
        all = (own + more).map(\.asSaved)
        ownCount = own.count
        otherIndices = others.compactMap { places[ObjectIdentifier($0)] }
    }

    /// Those of the state.
    var own: [ShardedParameter] { Array(all.prefix(ownCount)) }

    /// Those of the files beside it.
    var others: [ShardedParameter] { otherIndices.map { all[$0] } }
}
