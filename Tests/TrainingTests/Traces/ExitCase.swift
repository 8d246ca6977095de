import Checkpoints
import Runs
import Stopping
import SystemPackage
import Training

/// A recorded run with a request to stop, `on_request_exit.json`, and the means to bring it about again.
struct ExitCase: ExitReplay {
    let name: String
    private let inputs: JSON
    private let observed: JSON

    static let file = TraceFile("on_request_exit.json")

    /// A signal of its own: other tests of this process hear the usual ones.
    private static let signal: Int32 = 50

    init(_ traceCase: TraceCase) {
        name = traceCase.name
        inputs = traceCase.json["phases"].array[0]["inputs"]
        observed = traceCase.json["phases"].array[0]["observed"]
        initialFiles = traceCase.json["initial_files"].object
    }

    private let initialFiles: [String: JSON]

    /// What is compared: the steps made, and the files with the state.
    struct Outcome: Equatable, CustomStringConvertible {
        var trainSteps = 0
        var evalSteps = 0
        var files: [String] = []

        var description: String { "\(trainSteps) steps, \(evalSteps) of evaluation, \(files)" }
    }

    /// What MindSpore did.
    var recorded: Outcome {
        Outcome(
            trainSteps: observed["train_steps_run"].int ?? 0, evalSteps: observed["eval_steps_run"].int ?? 0,
            files: observed["files"].array.compactMap(\.string).filter { $0.hasSuffix(".ckpt") })
    }

    private var api: String { inputs["api"].string ?? "train" }

    /// Runs the case on one rank, in a folder of its own.
    func replay() throws -> Outcome {
        let folder = try ExitFolder(initialFiles)
        let log = EventLog()
        let arguments = inputs["kwargs"]
        let directory = folder.path.appending(arguments["directory"].string ?? "")
        let exit = try OnRequestExit(
            saveCkpt: arguments["save_ckpt"].bool ?? true, saveMindIR: false,
            fileName: arguments["file_name"].string ?? "Net", directory: directory.string, signals: [Self.signal],
            configFile: arguments["config_file"].string.map { folder.path.appending($0).string },
            stopping: StopOptions(pollInterval: .zero))
        let actor = Recorder("A", log)
        actor.action = { hook, _, context in try act(hook, context, folder) }
        // A request inside the network comes after the step is begun, whoever is asked.
        let isAfter = inputs["where"].string == "post"
        try run(isAfter ? [exit, actor] : [actor, exit])
        return Outcome(
            trainSteps: log.events.count { $0.hasPrefix("A.SE") },
            evalSteps: log.events.count { $0.hasPrefix("A.vSE") }, files: try folder.checkpoints())
    }

    private func run(_ callbacks: [Callback]) throws {
        let data = try smallLoader(steps: inputs["steps"].int ?? 3)
        let epochs = inputs["epochs"].int ?? 2
        switch api {
        case "eval": _ = try smallModel().eval(data, callbacks: callbacks)
        case "fit": try smallModel().fit(epochs, data, smallLoader(steps: 2), callbacks: callbacks)
        default: try smallModel().train(epochs, data, callbacks: callbacks)
        }
    }

    private func act(_ hook: Hook, _ context: RunContext, _ folder: ExitFolder) throws {
        let run = context.originalArgs()
        for trigger in inputs["triggers"].array {
            let inNetwork: Hook = trigger["in"].string == "eval" ? .evalStepBegin : .trainStepBegin
            let wanted = trigger["net"].bool == true ? inNetwork : trigger["hook"].string.flatMap(Hook.init)
            guard wanted == hook, trigger["step"].int.map({ $0 == run.curStepNum }) ?? true,
                trigger["epoch"].int.map({ $0 == run.curEpochNum }) ?? true
            else { continue }
            try folder.perform(trigger, signal: Self.signal)
        }
    }
}
