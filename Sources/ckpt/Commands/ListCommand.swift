import ArgumentParser
import Checkpoints
import Files
import FoundationEssentials
import SystemPackage
import Tensors
import Terminal

/// `ckpt list`: the sets in a directory.
struct ListCommand: CheckpointCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the sets in a directory, the newest first.",
        discussion: """
            The newest set stands at the top, whatever clocks said, and each stands above the one that it follows. Sets \
            that a run has left behind by going back to an older one are indented, above the one it went back to.

            WHOLE says "yes" where the checksum of every file was compared (--checksums), "by size" where every file is \
            there with its size, and "no" for a set that is damaged.

            JSON: an object with "sets", each with name, kind (replicated, integrated, sharded, deduplicated), step, \
            epoch, stepInEpoch, created, byteCount, fileCount, worldSize, reason, requestingRank, finished, metrics, \
            whole (yes, bySize, no), problem, run, parent (the id of the set it follows), id, generation (which only grows) \
            and depth (0 on the branch of the newest set); "unreadable", sentences about manifests that cannot be read; \
            "doubts", where the order is not sure; "otherFiles", checkpoint files beside them that belong to no set; and \
            "leftovers", what interrupted saves have left, each with path, kind (pending, removal, passing) and byteCount.
            """)

    @Argument(help: "The directory.")
    var directory: String

    @Flag(help: "Compare the checksums of all files, which reads them whole.")
    var checksums = false

    @Flag(help: "Print JSON.")
    var json = false

    func execute() throws -> CommandStatus {
        guard case .directory(let path) = try Subject(directory) else {
            throw Refusal("\(directory) is no directory; name one that holds checkpoints")
        }
        let directory = CheckpointDirectory(path)
        let listing = try directory.list()
        let total = OutsideNumber.sum(listing.manifests.map(\.byteCount))
        let inspection = SetInspection(path, progress: Progress("verifying", total: checksums ? total : 0))
        let (states, last) = try directory.inspect(listing) { manifest in
            let state = checksums ? inspection.compareChecksums(of: manifest) : inspection.compareSizes(of: manifest)
            return ((manifest, state), state)
        }
        let depths = SetTree(states.map(\.0)).places
        let list = SetList(
            sets: states.map { ListedSet($0, $1, depth: depths[$0.id]?.depth ?? 0) },
            unreadable: last.unreadable.map(\.description), doubts: last.doubts,
            otherFiles: try Self.otherFiles(in: path, than: last.manifests), leftovers: try directory.leftovers())
        let inTree = list.sets.sorted { (depths[$0.id]?.line ?? 0) < (depths[$1.id]?.line ?? 0) }
        if json {
            try CommandOutput.say(json: list)
        } else {
            try CommandOutput.say(list.text(of: path, inTree, now: Date()))
        }
        return .success
    }

    private static func otherFiles(in directory: FilePath, than sets: [Manifest]) throws -> [String] {
        let known = Set(sets.flatMap { $0.files.map { ByteName($0.path) } })
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
    let doubts: [String]
    let otherFiles: [String]
    let leftovers: [Leftover]

    func text(of directory: FilePath, _ sets: [ListedSet], now: Date) -> String {
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
        lines += (sets.compactMap(\.problem) + unreadable + doubts).map(\.visible)
        if !otherFiles.isEmpty {
            let count = HumanText.count(otherFiles.count, "checkpoint file")
            lines.append("\(count) here \(otherFiles.count == 1 ? "belongs" : "belong") to no set")
        }
        if !leftovers.isEmpty { lines.append(leftoversText) }
        return lines.joined(separator: "\n")
    }

    private var leftoversText: String {
        let count = HumanText.count(leftovers.count, "file")
        let size = HumanText.bytes(OutsideNumber.sum(leftovers.map(\.byteCount)))
        let them = leftovers.count == 1 ? "it" : "them"
        return "\(count) (\(size)) of no set: a save under way is writing \(them), or an interrupted one has left "
            + "\(them), and the next run here removes \(them)"
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
    let id: String
    let run: String?
    let parent: String?
    let generation: Int?
    let depth: Int

    init(_ manifest: Manifest, _ state: SetState, depth: Int) {
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
        id = manifest.id
        run = manifest.lineage?.run
        parent = manifest.lineage?.parent
        generation = manifest.lineage?.generation
        self.depth = depth
    }

    func cells(now: Date) -> [String] {
        let rank = requestingRank.map { " (rank \($0))" } ?? ""
        return [
            // Deeper than people can tell, whoever plants sets could fill a screen with it.
            String(repeating: "| ", count: min(depth, 30)) + name, kind.rawValue, "\(step)", "\(epoch)",
            HumanText.age(now.timeIntervalSince(created)),
            HumanText.bytes(byteCount), reason + rank, whole.text,
        ]
    }
}
