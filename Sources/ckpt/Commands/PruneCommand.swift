import ArgumentParser
import Checkpoints
import Files
import FoundationEssentials
import SystemPackage
import Tensors
import Terminal

/// `ckpt prune`: deletes sets that nobody needs.
struct PruneCommand: CheckpointCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune",
        abstract: "Delete all sets of a directory but those that its runs keep, or the latest.",
        discussion: """
            Manifests say by which rules their run keeps sets: the latest, one in so many minutes, every n-th step, the best. \
            These decide, where --keep is not given; with it, the latest are so many, and what the other rules keep stays \
            all the same, unless --ignore-rules is given.

            Each run is looked at by itself, and in it each prefix, as in net-1_20. The newest is what was saved last, not \
            what has the highest step; sets that a run has left behind by going back to an older one make room first. The \
            newest that is whole by its checksums always stays, for a run to carry on from. Files that belong to no set \
            stay too. Where a run goes on, nothing is deleted. What removals that were interrupted have left goes too.

            With a key, only sets count and go that it proves. A run with a key removes none but these either: what it finds \
            of an earlier run without one is for prune without a key.

            JSON: an object with "dryRun" and "sets", each with name, run, prefix, step, byteCount, kept and why.
            """)

    @Argument(help: "The directory.")
    var directory: String

    @Option(
        help: ArgumentHelp(
            "How many sets of a run stay, from 1. (default: what the rules of the run say)", valueName: "count"))
    var keep: Int?

    @Option(help: ArgumentHelp("Sets of steps that this divides stay too.", valueName: "steps"))
    var keepEvery: Int?

    @Flag(help: "Delete what the run keeps by other rules too.")
    var ignoreRules = false

    @OptionGroup var key: KeyOptions

    @Flag(help: "Only say what would be deleted.")
    var dryRun = false

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard keep.map({ $0 >= 1 }) ?? true else {
            throw ValidationError("--keep is \(keep ?? 0); it must be at least 1")
        }
        guard !ignoreRules || keep != nil else {
            throw ValidationError("--ignore-rules needs --keep, which says what stays in place of them")
        }
        guard keepEvery.map({ $0 >= 1 }) ?? true else {
            throw ValidationError("--keep-every is \(keepEvery ?? 0); it must be at least 1")
        }
    }

    func execute() throws -> CommandStatus {
        guard case .directory(let path) = try Subject(directory) else {
            throw Refusal("\(directory) is no directory; name one that holds checkpoints")
        }
        let lock = dryRun ? nil : try lock(path)
        defer { withExtendedLifetime(lock) {} }
        let key = try key.load()
        let sets = CheckpointDirectory(path, key: key)
        let listing = try sets.list()
        for error in listing.unreadable.map(\.description).abridged() { CommandOutput.note(error) }
        let (proven, others) = try sort(listing.manifests, in: sets)
        guard keep != nil || proven.contains(where: { $0.checkpoint.retention != nil }) else {
            throw Refusal(
                "the sets in \(directory) do not say by which rules they are kept; say by --keep how many stay")
        }
        let inspection = SetInspection(
            path, progress: Progress("verifying", total: OutsideNumber.sum(proven.map(\.byteCount))), key: key)
        let pruning = Pruning(proven, leaving: others, isDryRun: dryRun, rules: rules) { manifest in
            if case .whole = inspection.compareChecksums(of: manifest) { true } else { false }
        }
        let (done, problems) = dryRun ? (pruning, []) : remove(pruning, from: sets)
        if json { try CommandOutput.say(json: done) } else { try CommandOutput.say(done.text) }
        for problem in problems.abridged() { CommandOutput.fail(problem) }
        return problems.isEmpty ? .success : .failure
    }

    /// Deletes what is to go, and finishes removals; returns what has gone, and what went wrong. What keeps one set from
    /// going keeps no other.
    private func remove(_ pruning: Pruning, from sets: CheckpointDirectory) -> (done: Pruning, problems: [String]) {
        var stayed: Set<String> = []
        var problems: [String] = []
        for manifest in pruning.removed {
            do {
                try sets.remove(manifest)
            } catch {
                stayed.insert(manifest.id)
                problems.append("\(error)")
            }
        }
        do {
            try sets.finishRemovals()
        } catch  where problems.isEmpty {
            problems.append("\(error)")
        } catch {
            // One that was said already.
        }
        return (pruning.without(stayed), problems)
    }
}

extension PruneCommand {
    /// Keeps runs out, where there has been one; throws if one goes on.
    private func lock(_ path: FilePath) throws -> (any HeldLock)? {
        let file = path.appending("run.lock")
        guard try LocalFileSystem().status(of: file) != nil else { return nil }
        switch try LocalFileSystem().lock(file) {
        case .taken(let lock): return lock
        case .held(let holder):
            throw Refusal(
                "a run goes on in \(path)\(holder.map { " (\($0))" } ?? ""), which removes by itself what it does not keep; "
                    + "prune when it has ended")
        }
    }

    /// The sets that the key proves, and the others; all without a key.
    private func sort(
        _ manifests: [Manifest], in sets: CheckpointDirectory
    ) throws -> (proven: [Manifest], others: [Manifest]) {
        guard let key = sets.key else { return (manifests, []) }
        var (proven, others): ([Manifest], [Manifest]) = ([], [])
        for manifest in manifests {
            if case .proven = try sets.authenticity(of: manifest, key: key) {
                proven.append(manifest)
            } else {
                others.append(manifest)
            }
        }
        return (proven, others)
    }

    /// What keeps sets of one run and prefix, the newest first; nil if nothing is to go.
    private func rules(_ sets: [Manifest]) -> Retention? {
        var rules: [Retention.Rule] = keep.map { [.latest($0)] } ?? []
        if let keepEvery { rules.append(.everySteps(keepEvery)) }
        guard !ignoreRules else { return Retention(rules) }
        // The newest set knows what the run wants now.
        guard let records = sets.lazy.compactMap(\.checkpoint.retention).first else {
            return keep == nil ? nil : Retention(rules)
        }
        guard let recorded = Retention(recorded: records) else { return nil }
        let others = recorded.rules.filter { if case .latest = $0 { keep == nil } else { true } }
        // A run without rules keeps everything, until somebody says how many stay.
        return others.isEmpty && keep == nil ? nil : Retention(rules + others)
    }
}
