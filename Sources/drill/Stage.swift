import Checkpoints
import Drills
import Foundation
import RankTestKit
import Stopping
import SystemPackage

/// The run that all drills are tried on, small enough for hundreds of them: LeNet-5, two epochs of digits.
struct Stage {
    let ranks: Int
    let limit: TimeInterval
    let work: FilePath

    /// What an undisturbed run saved, rank by rank.
    let finalFiles: [Data]

    /// The steps of an undisturbed run, and those after which it saved.
    let steps: Int
    let savedSteps: [Int]

    /// A run that was stopped as asked, to load from.
    let stopped: RunFolder

    /// The steps after which it measures the test samples: now and then, and after each epoch.
    var evaluatedSteps: [Int] {
        let now = stride(from: Self.evaluationInterval, through: steps, by: Self.evaluationInterval)
        let epochs = (1...Self.epochs).map { $0 * steps / Self.epochs }
        return (Array(now) + epochs).sorted()
    }

    static let epochs = 2
    private static let evaluationInterval = 8
    static let stoppedStep = 15
    /// A set of the same run from before, which retention has left.
    static let olderStep = 6

    init(ranks: Int, limit: TimeInterval, in work: FilePath) throws {
        self.ranks = ranks
        self.limit = limit
        self.work = work
        let undisturbed = RunFolder(work.appending("undisturbed"))
        try Self.start(ranks, in: undisturbed, ["--keep", "1000"], limit: limit).expectSuccess()
        let sets = try undisturbed.sets()
        steps = try undisturbed.newestStep() ?? 0
        savedSteps = sets.filter { $0.name.hasPrefix("CKP") }.map(\.checkpoint.progress.step).sorted()
        finalFiles = try undisturbed.finalFiles(ranks: ranks)
        stopped = RunFolder(work.appending("stopped"))
        let drill = "sigterm@rank1:step\(Self.stoppedStep)"
        try Self.start(ranks, in: stopped, ["--drill", drill], limit: limit).expectSuccess()
    }

    /// Runs the trainer to its end, with drills or without.
    func run(in folder: RunFolder, _ drills: [Drill], _ more: [String]) throws -> MPIRunOutcome {
        let text = drills.map(\.description).joined(separator: "; ")
        return try Self.start(ranks, in: folder, (drills.isEmpty ? [] : ["--drill", text]) + more, limit: limit)
    }

    private static func start(
        _ ranks: Int, in folder: RunFolder, _ more: [String], limit: TimeInterval
    ) throws -> MPIRunOutcome {
        let arguments = [
            "train", "--directory", folder.out.string, "--epochs", "\(epochs)", "--batch-size", "64",
            "--save-every-steps", "6", "--keep", "3", "--keep-best", "eval_loss", "--config-file",
            folder.configFile.string,
            "--hang-timeout", "15s", "--evaluate-every-steps", "\(evaluationInterval)",
        ]
        // The launcher's number is that of the shell that becomes it.
        let prefix = ["bash", "-c", "export LOCKSTEP_DRILL_LAUNCHER=$$; exec \"$@\"", "drill"]
        return try MPIRun(
            ranks: ranks, "trainer", arguments + more, launcher: .script, prefix: prefix, limit: limit
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
    var olderSet: FilePath { out.appending("CKP-1_\(Stage.olderStep).manifest.json") }

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

    /// What every rank has at the end of a finished run.
    func finalFiles(ranks: Int) throws -> [Data] {
        try (0..<ranks).map { rank in
            try Data(contentsOf: URL(filePath: out.appending("rank_\(rank)/LeNet5_train.ckpt").string))
        }
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
