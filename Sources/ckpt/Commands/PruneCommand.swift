import ArgumentParser
import Checkpoints
import Files
import FoundationEssentials
import SystemPackage
import Terminal

/// `ckpt prune`: deletes sets that nobody needs.
struct PruneCommand: CheckpointCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune",
        abstract: "Delete all sets of a directory but the latest, by step.",
        discussion: """
            Sets whose names differ in their numbers only, such as net-1_20 and net-2_20, are of one run; each run is \
            looked at by itself. The newest set of a run that is whole by its checksums always stays, for a run to carry on \
            from. Files that belong to no set stay too. Do not prune where a run is saving.

            JSON: an object with "dryRun" and "sets", each with name, run, step, byteCount, kept and why.
            """)

    @Argument(help: "The directory.")
    var directory: String

    @Option(help: ArgumentHelp("How many sets of a run stay, from 1.", valueName: "count"))
    var keep: Int

    @Option(help: ArgumentHelp("Sets of steps that this divides stay too.", valueName: "steps"))
    var keepEvery: Int?

    @Flag(help: "Only say what would be deleted.")
    var dryRun = false

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard keep >= 1 else { throw ValidationError("--keep is \(keep); it must be at least 1") }
        guard keepEvery.map({ $0 >= 1 }) ?? true else {
            throw ValidationError("--keep-every is \(keepEvery ?? 0); it must be at least 1")
        }
    }

    func execute() throws -> ExitStatus {
        guard case .directory(let path) = try Subject(directory) else {
            throw Refusal("\(directory) is no directory; name one that holds checkpoints")
        }
        let sets = CheckpointDirectory(path)
        let listing = try sets.list()
        // Nothing can be deleted then: such a manifest may name any of the files.
        if let error = listing.unreadable.first { throw error }
        var rules = [Retention.Rule.latest(keep)]
        if let keepEvery { rules.append(.everySteps(keepEvery)) }
        let inspection = SetInspection(
            path, progress: Progress("verifying", total: listing.manifests.map(\.byteCount).reduce(0, +)))
        let pruning = Pruning(listing.manifests, Retention(rules), isDryRun: dryRun) { manifest in
            if case .whole = inspection.compareChecksums(of: manifest) { true } else { false }
        }
        if !dryRun {
            for manifest in pruning.removed { try sets.remove(manifest) }
        }
        if json { try Console.say(json: pruning) } else { try Console.say(pruning.text) }
        return .success
    }
}

/// Which sets stay and which go.
private struct Pruning: Encodable {
    struct Decision: Encodable {
        let name: String
        let run: String
        let step: Int
        let byteCount: Int
        let kept: Bool
        let why: String
    }

    let dryRun: Bool
    let sets: [Decision]

    /// The sets that go, the oldest first.
    let removed: [Manifest]

    private enum CodingKeys: String, CodingKey { case dryRun, sets }

    /// Decides about `manifests`, the newest first.
    init(_ manifests: [Manifest], _ retention: Retention, isDryRun: Bool, isWhole: (Manifest) -> Bool) {
        dryRun = isDryRun
        var decisions: [Decision] = []
        var removed: [Manifest] = []
        for (run, members) in Dictionary(grouping: manifests, by: \.run).sorted(by: { $0.key < $1.key }) {
            let superfluous = Set(retention.removable(of: members.map(KeptSet.init), now: 0).map(\.name))
            // Looked for only if anything goes.
            let resumable = superfluous.isEmpty ? nil : members.first(where: isWhole)?.name
            for member in members {
                let isResumable = member.name == resumable
                // Where nothing is whole there is nothing that could replace what goes.
                let kept = !superfluous.contains(member.name) || isResumable || resumable == nil
                let why =
                    superfluous.contains(member.name)
                    ? (isResumable ? "the newest that is whole" : resumable == nil ? "no set of the run is whole" : "")
                    : "wanted"
                decisions.append(
                    Decision(
                        name: member.name, run: run, step: member.checkpoint.progress.step, byteCount: member.byteCount,
                        kept: kept, why: why))
                if !kept { removed.insert(member, at: 0) }
            }
        }
        sets = decisions
        self.removed = removed
    }

    var text: String {
        guard !sets.isEmpty else { return "there are no sets" }
        var table = Table([("SET", .left), ("STEP", .right), ("SIZE", .right), ("", .left), ("", .left)])
        let word = dryRun ? "would go" : "deleted"
        for set in sets {
            table.add([
                set.name, "\(set.step)", HumanText.bytes(set.byteCount), set.kept ? "stays" : word,
                set.why == "wanted" ? "" : set.why,
            ])
        }
        let freed = sets.filter { !$0.kept }.map(\.byteCount).reduce(0, +)
        let count = HumanText.count(removed.count, "set")
        return table.text + "\n\(count), \(HumanText.bytes(freed)), \(dryRun ? "would be deleted" : "deleted")"
    }
}

extension KeptSet {
    fileprivate init(_ manifest: Manifest) {
        self.init(
            name: manifest.name, step: manifest.checkpoint.progress.step,
            time: manifest.created.timeIntervalSince1970, metrics: manifest.checkpoint.metrics ?? [:],
            isFinite: manifest.checkpoint.isFinite)
    }
}

extension Manifest {
    /// What sets of one run have in common in their names: "net" of "net-2_20"; else the name itself.
    fileprivate var run: String {
        guard let match = name.wholeMatch(of: /(.+)-[0-9]+_[0-9]+/) else { return name }
        return String(match.output.1)
    }
}
