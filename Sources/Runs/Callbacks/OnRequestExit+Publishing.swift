import Checkpoints
import Ciphers
import Collectives
import Files
import Networks
import SystemPackage
import Training

extension OnRequestExit {
    /// What a state that is no numbers any more is called after: it takes no good set's place.
    static let nonFiniteSuffix = "_nan"

    /// Publishes the state of the run, whole on every rank or in the slices that the ranks hold, and the network as MindIR;
    /// returns the path of the manifest.
    func publish(_ name: String, _ cause: SaveCause, _ runContext: RunContext) throws -> FilePath {
        let nonFinite = try runContext.agreeOnFiniteState()
        let name = nonFinite == nil ? name : name + Self.nonFiniteSuffix
        let run = runContext.originalArgs()
        let form = Mutant.exitSetPlain.isPlanted ? CheckpointForm.plain : form
        let parameters = runContext.stateParameters.map(\.asSaved)
        let isWhole = parameters.allSatisfy(\.isWhole)
        let kind: CheckpointSet.Kind = isWhole ? .replicated : savesCheckpoint ? .sharded : .integrated
        // MindSpore's entries, under its names.
        let plan = SavePlan(
            kind, named: name, parameters,
            extras: [
                ("epoch_num", .integer(run.curEpochNum ?? 0)), ("step_num", .integer(run.curStepNum)),
                ("batch_num", .integer(run.batchNum)),
            ], mesh: runContext.mesh, world: runContext.world, form: form)
        let network = try export?.files(named: name, world: runContext.world, encryption: form.encryption)
        // A set without a state is no checkpoint, and must not take the place of one.
        let setName = savesCheckpoint ? name : "\(name).mindir"
        let set = try runContext.checkpointSet(setName, kind, plan, cause: cause, of: run.network, nonFinite: nonFinite)
        let saver = runContext.checkpointSaver
        // All ranks know alike whether what was under way has failed. The state of now is saved all the same.
        let earlier = Result { try saver.finish() }
        if case .failure(let error as CollectiveError) = earlier { throw error }
        _ = try saver.save(
            set, files: (savesCheckpoint ? plan.files : []) + (network?.own ?? []),
            gathered: (savesCheckpoint ? plan.gathered : []) + (network?.gathered ?? []), in: place(runContext),
            logger: logger)
        try earlier.get()
        return directory.appending(SetNames.manifest(of: setName))
    }
}
