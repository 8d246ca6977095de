import ArgumentParser
import Lockstep
import SystemPackage
import Terminal

/// The options that say what is written down about a run.
struct RecordOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Write a line of JSON for each step: loss, learning rate, norm of the gradients, speed.", valueName: "file")
    )
    var history: String?

    @Option(help: ArgumentHelp("Measure the test samples after every n-th step too.", valueName: "n"))
    var evaluateEverySteps: Int?

    @Option(
        help: ArgumentHelp("Write a line of JSON for each step: the samples that each rank reads.", valueName: "file"))
    var logSamples: String?

    func validate() throws {
        try checkCount("--evaluate-every-steps", evaluateEverySteps)
    }

    /// Throws if test samples are to be measured that the task does not have.
    func check(_ task: TrainingTask, hasTests: Bool) throws {
        guard evaluateEverySteps != nil, !hasTests else { return }
        throw ValidationError("--evaluate-every-steps needs test samples, and \(task.name) has none")
    }

    /// What writes them.
    ///
    /// - Parameter rehearsing: What is to hear the evaluations that are made between steps.
    func makeCallbacks(
        _ console: Console, task: TrainingTask, model: Model, test: DataLoader?, rehearsing: [Callback]
    ) -> [Callback] {
        var callbacks: [Callback] = []
        if history != nil || evaluateEverySteps != nil {
            callbacks.append(
                HistoryRecord(
                    history.map { FilePath(text: $0) }, evaluatingEvery: evaluateEverySteps, console, task: task,
                    model: model, test: test, rehearsing: rehearsing))
        }
        if let logSamples { callbacks.append(SampleRecord(FilePath(text: logSamples))) }
        return callbacks
    }
}

extension TrainingMemory {
    /// As in "memory of a rank: parameters 13.1 MB, optimizer 26.2 MB, step 98.0 MB, data 3.2 MB; 140.5 MB in all".
    ///
    /// It is that of rank 0, which holds most where not all hold the same.
    var sentence: String {
        func text(_ byteCount: Int) -> String {
            // To three digits, so that an eighth can be told from a tenth.
            let size = Double(byteCount)
            return size < 1e6 ? "\((size / 1e3).rounded(toPlaces: 1)) kB" : "\((size / 1e6).rounded(toPlaces: 1)) MB"
        }
        let saves = saving > 0 ? ", saving \(text(saving))" : ""
        return "memory of a rank: parameters \(text(parameters)), optimizer \(text(optimizer)), step \(text(step)), "
            + "data \(text(data))\(saves); \(text(total)) in all"
    }
}

extension Double {
    /// The number to so many digits after the point.
    fileprivate func rounded(toPlaces places: Int) -> Double {
        let factor = (0..<places).reduce(1.0) { factor, _ in factor * 10 }
        return (self * factor).rounded() / factor
    }
}
