import ArgumentParser
import Checkpoints
import Files
import FoundationEssentials
import SystemPackage
import Terminal

/// `ckpt list`: the sets in a directory.
struct ListCommand: CheckpointCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the sets in a directory, the newest first.",
        discussion: """
            WHOLE says "yes" where the checksum of every file was compared (--checksums), "by size" where every file is \
            there with its size, and "no" for a set that is damaged.

            JSON: an object with "sets", each with name, kind (replicated, integrated, sharded, deduplicated), step, \
            epoch, stepInEpoch, created, byteCount, fileCount, worldSize, reason, requestingRank, finished, metrics, \
            whole (yes, bySize, no) and problem; "unreadable", sentences about manifests that cannot be read; and \
            "otherFiles", checkpoint files beside them that belong to no set.
            """)

    @Argument(help: "The directory.")
    var directory: String

    @Flag(help: "Compare the checksums of all files, which reads them whole.")
    var checksums = false

    @Flag(help: "Print JSON.")
    var json = false

    func execute() throws -> ExitStatus {
        guard case .directory(let path) = try Subject(directory) else {
            throw Refusal("\(directory) is no directory; name one that holds checkpoints")
        }
        let listing = try CheckpointDirectory(path).list()
        let total = listing.manifests.map(\.byteCount).reduce(0, +)
        let progress = Progress("verifying", total: checksums ? total : 0)
        let inspection = SetInspection(path, progress: progress)
        let sets = listing.manifests.map { manifest in
            ListedSet(
                manifest, checksums ? inspection.compareChecksums(of: manifest) : inspection.compareSizes(of: manifest))
        }
        let list = SetList(
            sets: sets, unreadable: listing.unreadable.map(\.description),
            otherFiles: try Self.otherFiles(in: path, than: listing.manifests))
        if json { try Console.say(json: list) } else { try Console.say(list.text(of: path, now: Date())) }
        return .success
    }

    private static func otherFiles(in directory: FilePath, than sets: [Manifest]) throws -> [String] {
        let known = Set(sets.flatMap { $0.files.map(\.path) })
        return try LocalFileSystem().names(in: directory).filter { name in
            let isCheckpoint = CheckpointFormats.all.contains { name.hasSuffix(".\($0.fileExtension)") }
            return isCheckpoint && !name.hasPrefix(".") && !known.contains(name)
        }
    }
}

/// What `ckpt list` says.
private struct SetList: Encodable {
    let sets: [ListedSet]
    let unreadable: [String]
    let otherFiles: [String]

    func text(of directory: FilePath, now: Date) -> String {
        var lines: [String] = []
        if sets.isEmpty {
            lines.append("\(directory) has no sets")
        } else {
            var table = Table([
                ("SET", .left), ("KIND", .left), ("STEP", .right), ("EPOCH", .right), ("AGE", .right), ("SIZE", .right),
                ("SAVED BECAUSE OF", .left), ("WHOLE", .left),
            ])
            for set in sets { table.add(set.cells(now: now)) }
            lines.append(table.text)
        }
        lines += sets.compactMap(\.problem) + unreadable
        if !otherFiles.isEmpty {
            let count = HumanText.count(otherFiles.count, "checkpoint file")
            lines.append("\(count) here \(otherFiles.count == 1 ? "belongs" : "belong") to no set")
        }
        return lines.joined(separator: "\n")
    }
}

/// A set in a list.
private struct ListedSet: Encodable {
    let name: String
    let kind: CheckpointSet.Kind
    let step: Int
    let epoch: Int
    let stepInEpoch: Int
    let created: Date
    let byteCount: Int
    let fileCount: Int
    let worldSize: Int
    let reason: String
    let requestingRank: Int?
    let finished: Bool
    let metrics: [String: Double]?
    let whole: SetState.Word
    let problem: String?

    init(_ manifest: Manifest, _ state: SetState) {
        let (set, progress) = (manifest.checkpoint, manifest.checkpoint.progress)
        name = set.name
        kind = set.kind
        step = progress.step
        epoch = progress.epoch
        stepInEpoch = progress.stepInEpoch
        created = manifest.created
        byteCount = manifest.byteCount
        fileCount = manifest.files.count
        worldSize = manifest.worldSize
        reason = set.cause.reason
        requestingRank = set.cause.requestingRank
        finished = progress.finished
        metrics = set.metrics
        whole = state.word
        problem = state.problem
    }

    func cells(now: Date) -> [String] {
        let rank = requestingRank.map { " (rank \($0))" } ?? ""
        return [
            name, kind.rawValue, "\(step)", "\(epoch)", HumanText.age(now.timeIntervalSince(created)),
            HumanText.bytes(byteCount), reason + rank, whole.text,
        ]
    }
}
