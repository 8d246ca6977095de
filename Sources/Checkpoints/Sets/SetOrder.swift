import Files
import FoundationEssentials
import Tensors

/// Which of the sets of a directory are newer than others.
struct SetOrder {
    /// The sets, the newest first: those on the branch of the newest, the others of its run, those of other runs, and at
    /// last those of versions that recorded no lineage.
    let newestFirst: [Manifest]

    /// Where the order is not sure, a sentence each.
    let doubts: [String]

    init(_ manifests: [Manifest]) {
        let older = UnrecordedOrder(manifests.filter { $0.lineage == nil })
        let recorded = Self.order(manifests)
        newestFirst = recorded + older.newestFirst
        guard let newest = recorded.first else {
            doubts = older.doubt.map { [$0] } ?? []
            return
        }
        doubts = older.newestFirst.filter { $0.created > newest.created }.prefix(1).map { late in
            "checkpoint \(late.name) of step \(late.checkpoint.progress.step) is dated later than the newest one, and is "
                + "passed over: an older version of Lockstep saved it, which did not record what it follows"
        }
    }

    /// The sets with a lineage.
    private static func order(_ manifests: [Manifest]) -> [Manifest] {
        let places = manifests.compactMap { manifest in manifest.lineage.map { (manifest, $0) } }
        let descending = places.sorted { a, b in
            if Mutant.newestByClock.isPlanted { return a.0.created > b.0.created }
            let (x, y) = (a.0.checkpoint.progress.step, b.0.checkpoint.progress.step)
            return (a.1.generation, x, a.0.name) > (b.1.generation, y, b.0.name)
        }
        guard let newest = descending.first?.1 else { return [] }
        let branch = descending.filter { newest.follows($0.1) }
        let run = descending.filter { $0.1.run == newest.run && !newest.follows($0.1) }
        let others = descending.filter { $0.1.run != newest.run }
        return (branch + run + others).map(\.0)
    }
}

/// The order of sets of versions that recorded no lineage: by step within the newest run, since clocks go wrong.
///
/// Which sets are of the newest run follows from what they say of its data, then from the number that a run which began anew adds
/// to its prefix, and last from the clock.
private struct UnrecordedOrder {
    let newestFirst: [Manifest]
    let doubt: String?

    init(_ manifests: [Manifest]) {
        guard let latest = manifests.max(by: { Self.date($0) < Self.date($1) }) else {
            newestFirst = []
            doubt = nil
            return
        }
        let series = SetSeries(manifests)
        let current = manifests.filter { $0.isTrained(like: latest) && !series.isOver($0) }
        let names = Set(current.map { ByteName($0.name) })
        let rest = manifests.filter { !names.contains($0.name) }
        let highestFirst = current.sorted { a, b in
            let (x, y) = (a.checkpoint.progress.step, b.checkpoint.progress.step)
            return x == y ? Self.date(a) > Self.date(b) : x > y
        }
        newestFirst = highestFirst + rest.sorted { Self.date($0) > Self.date($1) }
        doubt = Self.doubt(about: highestFirst)
    }

    private static func date(_ set: Manifest) -> (Date, Int, String) {
        (set.created, set.checkpoint.progress.step, set.name)
    }

    /// A sentence, if the clock would choose another set than the step.
    private static func doubt(about sets: [Manifest]) -> String? {
        guard let highest = sets.first, let latest = sets.max(by: { $0.created < $1.created }),
            latest.created > highest.created, latest.checkpoint.progress.step < highest.checkpoint.progress.step
        else { return nil }
        return "checkpoint \(highest.name) of step \(highest.checkpoint.progress.step) is taken for the newest, though "
            + "\(latest.name) of step \(latest.checkpoint.progress.step) is dated later: an older version of Lockstep saved "
            + "them, and a clock may have been wrong; to carry on from the other one, name it"
    }
}

/// The prefixes with numbers of runs that began anew beside each other, found in one pass: anybody may have put thousands of
/// sets there.
private struct SetSeries {
    /// The highest number of each prefix. It is only one where there is a prefix without a number.
    private let highest: [ByteName: Int]

    /// When the last of these runs began; nil if there is none with a number.
    private let lastBegin: Date?

    init(_ sets: [Manifest]) {
        let members = sets.compactMap { set in SetNames.series(of: set.name).map { (created: set.created, name: $0) } }
        let bases = Set(members.filter { $0.name.number == 0 }.map { ByteName($0.name.base) })
        let numbered = members.filter { $0.name.number > 0 && bases.contains($0.name.base) }
        highest = Dictionary(numbered.map { (ByteName($0.name.base), $0.name.number) }, uniquingKeysWith: max)
        let last = numbered.map(\.name.number).max()
        lastBegin = numbered.filter { $0.name.number == last }.map(\.created).min()
    }

    /// Whether a set is of a run after which another one began anew.
    func isOver(_ set: Manifest) -> Bool {
        if let own = SetNames.series(of: set.name) { return highest[own.base].map { $0 > own.number } ?? false }
        return lastBegin.map { set.created < $0 } ?? false
    }
}

extension Manifest {
    /// Whether two sets can be of one run.
    fileprivate func isTrained(like other: Manifest) -> Bool {
        let (a, b) = (checkpoint.progress, other.checkpoint.progress)
        return checkpoint.model == other.checkpoint.model && a.seed == b.seed && a.globalBatch == b.globalBatch
            && a.stepsPerEpoch == b.stepsPerEpoch
    }
}
