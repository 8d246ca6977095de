import Collectives
import CollectivesTestKit
import Runs
import Stopping
import SystemPackage
import Training

/// Recorded runs of two ranks with requests to stop, one or two runs in a row, `distributed_exit.json`.
struct DistributedExitCase: ExitReplay {
    private let runs: [JSON]
    private let initialFiles: [String: JSON]

    static let file = TraceFile("distributed_exit.json")

    /// A signal for each rank: ranks that are threads share a process, which is what a signal comes to.
    private static let signals: [Int32] = [51, 52]

    init(_ traceCase: TraceCase) {
        runs = traceCase.json["phases"].array
        initialFiles = traceCase.json["initial_files"].object
    }

    /// What is compared: how many steps each rank makes in each run, nil if an error ends it, and the files with the state.
    struct Outcome: Equatable, Sendable, CustomStringConvertible {
        var steps: [[Int?]]
        var files = ["rank_0/Net_train.ckpt", "rank_1/Net_train.ckpt"]

        var description: String { "\(steps) steps, \(files)" }
    }

    /// What MindSpore did.
    var recorded: Outcome {
        let steps = runs.map { run in
            run["observed"]["ranks"].array.map { $0["raised"] == .null ? $0["steps_run"].int : nil }
        }
        let files = runs.last?["observed"]["files"].array.compactMap(\.string) ?? []
        return Outcome(steps: steps, files: files.filter { $0.hasSuffix(".ckpt") })
    }

    /// Runs the case on two ranks, in a folder of its own.
    func replay() throws -> Outcome {
        let folder = try ExitFolder(initialFiles)
        let steps = try runs.map { run in
            try ThreadWorld.run(ranks: 2) { try Self.train(run["inputs"], on: $0, folder) }
        }
        return Outcome(steps: steps, files: try folder.checkpoints())
    }

    /// Trains, and returns the number of steps.
    private static func train(_ inputs: JSON, on world: any Communicator, _ folder: ExitFolder) throws -> Int {
        let log = EventLog()
        let exit = try OnRequestExit(
            saveMindIR: false, directory: folder.path.string, signals: [signals[world.rank]],
            configFile: inputs["kwargs"]["config_file"].string.map { folder.path.appending($0).string },
            stopping: StopOptions(pollInterval: .zero))
        let actor = Recorder("A", log)
        actor.action = { hook, call, _ in
            // A run that carries on begins with another step than the first, so it is their order that counts.
            for trigger in inputs["triggers"].array
            where trigger["rank"].int == world.rank && trigger["hook"].string.flatMap(Hook.init) == hook
                && trigger["step"].int == call
            {
                try folder.perform(trigger, signal: signals[world.rank])
            }
        }
        try smallModel(world: world).train(2, smallLoader(steps: 3, batchSize: 4), callbacks: [actor, exit])
        return log.events.count { $0.hasPrefix("A.SE") }
    }
}
