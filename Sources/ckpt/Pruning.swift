import Checkpoints
import Files
import FoundationEssentials
import Tensors
import Terminal

/// Which sets stay and which go.
struct Pruning: Encodable {
    struct Decision: Encodable {
        let name: String
        let run: String
        let prefix: String
        let step: Int
        let byteCount: Int
        var kept: Bool
        var why: String

        fileprivate init(_ set: Manifest, _ series: Series, kept: Bool, why: String) {
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
    private(set) var sets: [Decision]

    /// The sets that go, the oldest first.
    private(set) var removed: [Manifest]

    private enum CodingKeys: String, CodingKey { case dryRun, sets }

    /// Decides about `manifests`, the newest first; `rules` says what keeps those of one run and prefix. The `others` stay.
    init(
        _ manifests: [Manifest], leaving others: [Manifest], isDryRun: Bool, rules: ([Manifest]) -> Retention?,
        isWhole: (Manifest) -> Bool
    ) {
        dryRun = isDryRun
        var decisions: [Decision] = []
        var removed: [Manifest] = []
        let newestOfRuns = Dictionary(
            manifests.compactMap(\.lineage).map { ($0.run, $0) }
        ) { $0.generation < $1.generation ? $1 : $0 }
        let now = Date().timeIntervalSince1970
        for (series, members) in Dictionary(grouping: manifests, by: Series.init).sorted(by: { $0.key < $1.key }) {
            let newest = series.run.flatMap { newestOfRuns[$0] }
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
                if !kept { removed.append(member) }
            }
        }
        removed.reverse()
        for set in others {
            decisions.append(Decision(set, Series(set), kept: true, why: "the key does not prove it"))
        }
        sets = decisions
        self.removed = removed
    }

    /// The same where some of the sets that were to go have stayed, which their ids tell.
    func without(_ stayed: Set<String>) -> Pruning {
        var pruning = self
        let names = Set(removed.filter { stayed.contains($0.id) }.map { ByteName($0.name) })
        pruning.removed.removeAll { stayed.contains($0.id) }
        for index in sets.indices where names.contains(sets[index].name) {
            (pruning.sets[index].kept, pruning.sets[index].why) = (true, "not all of it could be deleted")
        }
        return pruning
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
