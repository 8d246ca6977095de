public import ArgumentParser
import Foundation
public import Lockstep
import SystemPackage
import Terminal

/// The options that say when a run saves, what it keeps, and what files are like.
struct CheckpointOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Save after every n-th step.", valueName: "n"))
    var saveEverySteps: Int?

    @Option(help: ArgumentHelp("Save when this many seconds have passed since the last save.", valueName: "seconds"))
    var saveEverySeconds: Double?

    @Option(
        help: ArgumentHelp("Save as often as takes at most this share of the time: 0.02 is 2 %.", valueName: "share"))
    var saveFraction: Double?

    @Flag(
        help: "Save as often as loses the least time where the job fails as often as --mtbf says: after Daly's formula."
    )
    var saveOptimal = false

    @Option(
        help: ArgumentHelp(
            "The mean time between failures of the whole job, that of a host divided by the hosts: \(TimeSpan.forms).",
            valueName: "duration"))
    var mtbf: TimeSpan?

    @Option(
        help: ArgumentHelp(
            "Keep the latest n checkpoints. (default: 5, or none if another rule is given)", valueName: "n"))
    var keep: Int?

    @Option(help: ArgumentHelp("Keep one checkpoint in so many minutes.", valueName: "minutes"))
    var keepMinutes: Int?

    @Option(help: ArgumentHelp("Keep every checkpoint whose step is a multiple of this.", valueName: "steps"))
    var keepEvery: Int?

    @Option(
        help: ArgumentHelp(
            "Keep the checkpoint with the best value of loss, eval_loss, or what the program measures; NAME:highest or "
                + "NAME:lowest says what is best. All but loss validate after each epoch.",
            valueName: "metric"))
    var keepBest: BestRule?

    @Option(help: "The kind of files: \(CheckpointFileFormat.allCases.map(\.rawValue).joined(separator: ", ")).")
    var format = CheckpointFileFormat.ckpt

    @Flag(help: "Go on training while files are being written.")
    var asyncSave = false

    @Flag(help: "Put a CRC-32 into each file.")
    var crc = false

    @OptionGroup var key: KeyOptions

    @Option(
        help: "How to encrypt: \(EncryptionMode.allCases.map(\.rawValue).joined(separator: ", ")). (default: AES-GCM)")
    var encMode: EncryptionMode?

    @Flag(help: "Each rank saves a part of what all ranks hold.")
    var removeRedundancy = false

    @Flag(inversion: .prefixedNo, help: "Rank 0 alone saves whole tensors.")
    var integratedSave = true

    @Flag(help: "Leave a checkpoint named …_breakpoint on an error, and on a stop from outside.")
    var exceptionSave = false

    @Option(
        help: ArgumentHelp(
            "A value to save beside the parameters; can be given several times. A whole number, a number, true or false "
                + "is stored as such, anything else as a text.", valueName: "name=value"))
    var append: [AppendedValue] = []

    @Option(help: "What checkpoints are called: prefix-epoch_step.")
    var prefix = "CKP"

    @Option(
        help: ArgumentHelp(
            "auto: carry on from the newest checkpoint in the directory; never: begin anew; or the path of a manifest.",
            valueName: "auto|never|path"))
    var resume = ResumeSource.newest

    @Option(
        name: .customLong("allow-change"), parsing: .singleValue,
        help: ArgumentHelp(
            "Carry on though this is not as it was, such as learning-rate, dropout, data, batch-size, seed; may be repeated.",
            valueName: "setting"))
    var allowedChanges: [String] = []

    @OptionGroup var monitor: MonitorOptions

    func validate() throws {
        let schedules = [saveEverySteps != nil, saveEverySeconds != nil, saveFraction != nil, saveOptimal].filter { $0 }
        guard schedules.count <= 1 else {
            throw ValidationError(
                "give one of --save-every-steps, --save-every-seconds, --save-fraction and --save-optimal, not several")
        }
        try checkFailures()
        if schedules.isEmpty {
            for (option, isGiven) in savingOptions where isGiven {
                throw ValidationError(
                    "\(option) needs --save-every-steps, --save-every-seconds, --save-fraction or --save-optimal, which say when "
                        + "to save")
            }
        }
        try checkFiles()
        for (name, value) in [
            ("--save-every-steps", saveEverySteps), ("--keep", keep), ("--keep-minutes", keepMinutes),
            ("--keep-every", keepEvery),
        ] {
            try checkCount(name, value)
        }
    }

    /// The options that say something of checkpoints that are saved while the run goes on.
    private var savingOptions: [(String, Bool)] {
        [
            ("--keep", keep != nil), ("--keep-minutes", keepMinutes != nil), ("--keep-every", keepEvery != nil),
            ("--keep-best", keepBest != nil), ("--async-save", asyncSave), ("--remove-redundancy", removeRedundancy),
            ("--no-integrated-save", !integratedSave), ("--append", !append.isEmpty),
        ] + monitor.options
    }

    private func checkFailures() throws {
        guard saveOptimal == (mtbf != nil) else {
            throw ValidationError(
                saveOptimal
                    ? "--save-optimal needs --mtbf, which says how often the job fails"
                    : "--mtbf needs --save-optimal, which saves by it")
        }
        guard let mtbf, mtbf.duration <= .zero else { return }
        throw ValidationError("--mtbf is \(mtbf.text); it must be more than 0")
    }

    private func checkFiles() throws {
        if key.isGiven {
            guard !crc else {
                throw ValidationError("--crc and a key exclude each other: MindSpore cannot read such a file")
            }
            guard format == .ckpt else {
                throw ValidationError(
                    "--format \(format.rawValue) and a key exclude each other: only .ckpt files are encrypted")
            }
        } else if encMode != nil {
            throw ValidationError("--enc-mode needs a key: give --key-file or --key-env")
        }
        guard Set(append.map(\.name)).count == append.count else {
            throw ValidationError("--append gives two values to one name")
        }
    }

    /// Whether checkpoints are saved while the run goes on.
    var isWanted: Bool { schedule != .never || exceptionSave }

    /// Throws if a checkpoint is to be kept by what the task does not measure.
    func check(_ task: TrainingTask, hasTests: Bool) throws {
        guard let keepBest, needsValidation else { return }
        guard hasTests else {
            throw ValidationError("--keep-best \(keepBest.metric) needs test samples, and \(task.name) has none")
        }
        guard keepBest.metric == BestRule.evaluatedLoss || task.metrics[keepBest.metric] != nil else {
            let names = Set([BestRule.loss, BestRule.evaluatedLoss] + task.metrics.keys).sorted()
            throw ValidationError(
                "--keep-best is \(keepBest.metric); of \(task.name) is measured: \(names.joined(separator: ", "))")
        }
    }

    /// Whether the run must validate after each epoch.
    var needsValidation: Bool { keepBest.map { $0.metric != BestRule.loss } ?? false }

    private var mode: EncryptionMode { encMode ?? .aesGCM }

    private var schedule: SaveSchedule {
        if let saveEverySteps { return .steps(saveEverySteps) }
        if let saveEverySeconds { return .seconds(saveEverySeconds) }
        if let mtbf { return .optimal(mtbf: mtbf.duration / .seconds(1)) }
        return saveFraction.map { .fraction($0) } ?? .never
    }

    private func retention(_ task: TrainingTask) -> Retention {
        var rules: [Retention.Rule] = []
        if let keepMinutes { rules.append(.onePerMinutes(keepMinutes)) }
        if let keepEvery { rules.append(.everySteps(keepEvery)) }
        if let keepBest { rules.append(.best(1, of: keepBest.metric, keepBest.order(in: task))) }
        if let keep { rules.append(.latest(keep)) }
        return Retention(rules.isEmpty ? [.latest(5)] : rules)
    }

    /// How files are written.
    func form(_ key: EncryptionKey?) throws -> CheckpointForm {
        try CheckpointForm(format, crc: crc, encryption: key.map { try Encryption(key: $0, mode: mode) })
    }

    /// What saves while a run goes on; nil if nothing is asked for.
    func makeModelCheckpoint(
        for task: TrainingTask, in run: Run, globalBatchSize: Int
    ) throws -> ModelCheckpoint? {
        guard isWanted else { return nil }
        let directory = run.directory.text
        let config = try CheckpointConfig(
            schedule: schedule, retention: retention(task), integratedSave: integratedSave, asyncSave: asyncSave,
            appendInfo: [.epochNum, .stepNum, .values(append.map { ($0.name, $0.value) })],
            form: run.plan.files, exceptionSave: exceptionSave, removeRedundancy: removeRedundancy)
        guard !monitor.isWanted else {
            return try monitor.makeMonitor(
                config, prefix: prefix, directory: directory, globalBatchSize: globalBatchSize, files: run.files)
        }
        return try ModelCheckpoint(prefix: prefix, directory: directory, config: config, files: run.files)
    }
}

/// A value with a name, as in `batch=32`.
struct AppendedValue: ExpressibleByArgument {
    let name: String
    let value: CheckpointValue

    init?(argument: String) {
        guard let sign = argument.firstIndex(of: "="), sign != argument.startIndex else { return nil }
        name = String(argument[..<sign])
        let text = String(argument[argument.index(after: sign)...])
        if let number = Int(text) {
            value = .integer(number)
        } else if let number = Double(text) {
            value = .real(number)
        } else {
            value = Bool(text).map { .flag($0) } ?? .text(text)
        }
    }
}

extension CheckpointFileFormat: ExpressibleByArgument {}
extension NonFinitePolicy: ExpressibleByArgument {}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension ResumeSource: ExpressibleByArgument {
    public init?(argument: String) {
        switch argument {
        case "": return nil
        case "auto": self = .newest
        case "never": self = .never
        default: self = .set(FilePath(text: argument))
        }
    }

    public var defaultValueDescription: String { "auto" }
}
