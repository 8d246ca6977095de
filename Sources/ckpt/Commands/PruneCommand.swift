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
        // Nothing can be deleted then: such a manifest may name any of the files.
        if let error = listing.unreadable.first { throw error }
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
        if !dryRun {
            for manifest in pruning.removed { try sets.remove(manifest) }
            try sets.finishRemovals()
        }
        if json { try CommandOutput.say(json: pruning) } else { try CommandOutput.say(pruning.text) }
        return .success
    }
}

extension PruneCommand {
    /// Keeps runs out, where there has been one; throws if one goes on.
    private func lock(_ path: FilePath) throws -> FileLock? {
        let file = path.appending("run.lock")
        guard try LocalFileSystem().status(of: file) != nil else { return nil }
        switch try FileLock.take(file) {
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

/// Which sets stay and which go.
private struct Pruning: Encodable {
    struct Decision: Encodable {
        let name: String
        let run: String
        let prefix: String
        let step: Int
        let byteCount: Int
        let kept: Bool
        let why: String

        init(_ set: Manifest, _ series: Series, kept: Bool, why: String) {
            name = set.name
            run = series.run ?? series.prefix
            prefix = series.prefix
            step = set.checkpoint.progress.step
            byteCount = set.byteCount
            self.kept = kept
            self.why = why
        }
    }

    let dryRun: Bool
    let sets: [Decision]

    /// The sets that go, the oldest first.
    let removed: [Manifest]

    private enum CodingKeys: String, CodingKey { case dryRun, sets }

    /// Decides about `manifests`, the newest first; `rules` says what keeps those of one run and prefix. The `others` stay.
    init(
        _ manifests: [Manifest], leaving others: [Manifest], isDryRun: Bool, rules: ([Manifest]) -> Retention?,
        isWhole: (Manifest) -> Bool
    ) {
        dryRun = isDryRun
        var decisions: [Decision] = []
        var removed: [Manifest] = []
        let entries = manifests.map { SetEntry($0) }
        let now = Date().timeIntervalSince1970
        for (series, members) in Dictionary(grouping: manifests, by: Series.init).sorted(by: { $0.key < $1.key }) {
            let newest = series.run.flatMap(entries.newest)
            let kept = members.map { KeptSet(SetEntry($0), onBranchOf: newest) }
            let superfluous = Set(rules(members)?.removable(of: kept, now: now).map { ByteName($0.name) } ?? [])
            // Looked for only if anything goes.
            let resumable = superfluous.isEmpty ? nil : members.first(where: isWhole)?.id
            for member in members {
                let isResumable = member.id == resumable
                // Where nothing is whole there is nothing that could replace what goes.
                let kept = !superfluous.contains(member.name) || isResumable || resumable == nil
                let why =
                    superfluous.contains(member.name)
                    ? (isResumable ? "the newest that is whole" : resumable == nil ? "no set of the run is whole" : "")
                    : "wanted"
                decisions.append(Decision(member, series, kept: kept, why: why))
                if !kept { removed.insert(member, at: 0) }
            }
        }
        for set in others {
            decisions.append(Decision(set, Series(set), kept: true, why: "the key does not prove it"))
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
        let freed = OutsideNumber.sum(sets.filter { !$0.kept }.map(\.byteCount))
        let count = HumanText.count(removed.count, "set")
        return table.text + "\n\(count), \(HumanText.bytes(freed)), \(dryRun ? "would be deleted" : "deleted")"
    }
}

/// What sets have in common that make room for each other.
private struct Series: Hashable, Comparable {
    /// The id of the run; nil where the sets do not say.
    let run: String?

    /// What their names have in common: "net" of "net-2_20"; else the name itself.
    let prefix: String

    init(_ set: Manifest) {
        run = set.lineage?.run
        prefix = set.name.wholeMatch(of: /(.+)-[0-9]+_[0-9]+/).map { String($0.output.1) } ?? set.name
    }

    static func < (a: Series, b: Series) -> Bool { (a.prefix, a.run ?? "") < (b.prefix, b.run ?? "") }
}
