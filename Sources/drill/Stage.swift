import Checkpoints
import Drills
import Foundation
import RankTestKit
import Stopping
import SystemPackage

/// What drills are tried on.
struct DrilledProgram {
    let path: String

    /// What follows the arguments of the drill.
    let arguments: [String]
}

/// The run that all drills are tried on, small enough for hundreds of them.
struct Stage {
    let ranks: Int
    let work: FilePath

    /// What an undisturbed run saved, by the names of the files.
    let finalFiles: [String: Data]

    /// The steps of an undisturbed run, and those after which it saved.
    let steps: Int
    let savedSteps: [Int]
    let epochs: Int

    /// Whether it measures test samples.
    let hasTests: Bool

    /// A run that was stopped as asked, to load from.
    let stopped: RunFolder

    private let recipe: StageRecipe

    /// The steps after which it measures the test samples: now and then, and after each epoch.
    var evaluatedSteps: [Int] {
        guard hasTests else { return [] }
        let now = stride(
            from: StageRecipe.evaluationInterval, through: steps, by: StageRecipe.evaluationInterval)
        let ends = (1...epochs).map { $0 * steps / epochs }
        return (Array(now) + ends).sorted()
    }

    static let stoppedStep = 15
    /// A set of the same run from before, which retention has left.
    static let olderStep = 6
    /// Below that many steps, drills would find no moment of their own.
    private static let leastSteps = 40

    init(of program: DrilledProgram, ranks: Int, limit: TimeInterval, in work: FilePath) throws {
        self.ranks = ranks
        self.work = work
        var recipe = StageRecipe(program: program, ranks: ranks, limit: limit)
        var undisturbed = RunFolder(work.appending("undisturbed"))
        try recipe.runUndisturbed(in: undisturbed)
        let first = try undisturbed.newestStep() ?? 0
        if first > 0, first < Self.leastSteps {
            recipe.epochs = (Self.leastSteps * recipe.epochs + first - 1) / first
            undisturbed = RunFolder(work.appending("undisturbed-longer"))
            try recipe.runUndisturbed(in: undisturbed)
        }
        let sets = try undisturbed.sets()
        steps = try undisturbed.newestStep() ?? 0
        savedSteps = sets.filter { $0.name.hasPrefix("CKP") }.map(\.checkpoint.progress.step).sorted()
        finalFiles = try undisturbed.finalFiles()
        guard steps >= Self.leastSteps / 2 else { throw ShortStage(steps: steps) }
        (epochs, hasTests) = (recipe.epochs, recipe.hasTests)
        stopped = RunFolder(work.appending("stopped"))
        let drill = "sigterm@rank1:step\(Self.stoppedStep)"
        try recipe.run(in: stopped, ["--drill", drill]).expectSuccess()
        self.recipe = recipe
    }

    /// Runs the program to its end, with drills or without.
    func run(in folder: RunFolder, _ drills: [Drill], _ more: [String]) throws -> MPIRunOutcome {
        let text = drills.map(\.description).joined(separator: "; ")
        return try recipe.run(in: folder, (drills.isEmpty ? [] : ["--drill", text]) + more)
    }
}

/// How a program is run on a stage.
private struct StageRecipe {
    let program: DrilledProgram
    let ranks: Int
    let limit: TimeInterval
    var epochs = 2
    var hasTests = true

    static let evaluationInterval = 8

    /// Runs it once without any fault, and finds out whether it has test samples.
    mutating func runUndisturbed(in folder: RunFolder) throws {
        var outcome = try run(in: folder, ["--keep", "1000"])
        if hasTests, outcome.exitCode == 64, outcome.errors.contains("needs test samples, and ") {
            hasTests = false
            outcome = try run(in: folder, ["--keep", "1000"])
        }
        try outcome.expectSuccess()
    }

    /// Runs it to its end.
    func run(in folder: RunFolder, _ more: [String]) throws -> MPIRunOutcome {
        let tests = ["--keep-best", "eval_loss", "--evaluate-every-steps", "\(Self.evaluationInterval)"]
        let usual = [
            "train", "--directory", folder.out.string, "--epochs", "\(epochs)", "--save-every-steps", "6",
            "--keep", "3", "--config-file", folder.configFile.string, "--hang-timeout", "15s",
        ]
        // The launcher's number is that of the shell that becomes it.
        let prefix = ["bash", "-c", "export LOCKSTEP_DRILL_LAUNCHER=$$; exec \"$@\"", "drill"]
        return try MPIRun(
            ranks: ranks, program.path, usual + (hasTests ? tests : []) + program.arguments + more, launcher: .script,
            prefix: prefix, limit: limit
        ).run()
    }
}

/// What a run leaves, and what it reads.
struct RunFolder {
    let path: FilePath

    init(_ path: FilePath) {
        self.path = path
    }

    var out: FilePath { path.appending("out") }
    var configFile: FilePath { path.appending("exit.json") }

    /// The manifest of the set that a user goes back to.
    var olderSet: FilePath { out.appending(SetNames.manifest(of: "CKP-1_\(Stage.olderStep)")) }

    /// Takes back what would stop the run that carries on.
    func withdrawRequests() {
        for file in [configFile, HaltDirectory(ofRun: out).path] {
            try? FileManager.default.removeItem(atPath: file.string)
        }
    }

    /// All published sets, the newest first; each is read to its last byte.
    func sets() throws -> [Manifest] {
        let directory = CheckpointDirectory(out)
        let listing = try directory.list()
        if let unreadable = listing.unreadable.first { throw unreadable }
        for set in listing.manifests { try directory.verify(set) }
        return listing.manifests
    }

    /// The step of the newest set, which is not the highest where a run went back to an older set.
    func newestStep() throws -> Int? { try sets().first?.checkpoint.progress.step }

    /// What every rank has at the end of a finished run, by the names of the files.
    func finalFiles() throws -> [String: Data] {
        guard let last = try sets().first(where: { $0.checkpoint.progress.finished && $0.name.hasSuffix("_train") })
        else {
            throw NoFinalSet(directory: out)
        }
        // What is beside them, such as the network as MindIR, is made of them.
        let files = last.files.map(\.path).filter { !$0.hasSuffix(".mindir") }
        return try Dictionary(
            uniqueKeysWithValues: files.map { file in
                (file, try Data(contentsOf: URL(filePath: out.appending(file).string)))
            })
    }

    /// What the run says of itself: the seconds from the request to the published set.
    var secondsToPublished: Double? { RunStatus.read(in: out)?.secondsToPublish }

    func copy(from other: RunFolder) throws {
        try FileManager.default.copyItem(atPath: other.path.string, toPath: path.string)
    }

    func make() throws {
        try FileManager.default.createDirectory(atPath: path.string, withIntermediateDirectories: true)
    }

    func remove() { try? FileManager.default.removeItem(atPath: path.string) }
}

extension MPIRunOutcome {
    fileprivate func expectSuccess() throws {
        guard exitCode == 0 else { throw StageFailure(outcome: self) }
    }
}

/// A run without any fault that failed all the same.
struct StageFailure: Error, CustomStringConvertible {
    let outcome: MPIRunOutcome

    var description: String { "the run that drills are compared with has failed: \(outcome)" }
}

/// A program that makes too few steps for anything to happen between them.
private struct ShortStage: Error, CustomStringConvertible {
    let steps: Int

    var description: String {
        "the run that drills are compared with has made \(steps) steps; give the program smaller batches after --, such as "
            + "-- --batch-size 8"
    }
}

/// A finished run that left no set of its end.
private struct NoFinalSet: Error, CustomStringConvertible {
    let directory: FilePath

    var description: String { "\(directory) has no checkpoint of a finished run" }
}
