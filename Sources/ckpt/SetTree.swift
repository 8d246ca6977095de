import Checkpoints
import Files

/// How sets follow each other: the newest at the top, each above the one that it follows, and branches that were left
/// indented above the set from which they began.
struct SetTree {
    /// The line and the indentation of a set.
    struct Place {
        let line: Int
        let depth: Int
    }

    /// That of each set, by its id.
    private(set) var places: [String: Place] = [:]

    private var children: [String: [Manifest]] = [:]

    /// Joins sets, the newest first.
    init(_ newestFirst: [Manifest]) {
        let ids = Set(newestFirst.map(\.id))
        let generations = Dictionary(grouping: newestFirst.filter { $0.lineage != nil }) { $0.lineage?.run ?? "" }
            .mapValues(Generations.init)
        var roots: [Manifest] = []
        for set in newestFirst {
            if let parent = Self.parent(of: set, ids, generations) {
                children[parent, default: []].append(set)
            } else {
                roots.append(set)
            }
        }
        for root in roots { place(root) }
    }

    /// The id of the set that one follows; where that is gone, of the one before it on its branch.
    private static func parent(
        of set: Manifest, _ ids: Set<String>, _ generations: [String: Generations]
    ) -> String? {
        guard let lineage = set.lineage else { return nil }
        if let parent = lineage.parent, ids.contains(parent), parent != set.id { return parent }
        return generations[lineage.run]?.last(before: lineage)
    }

    private enum Task {
        /// To place all that follows a set, and then the set.
        case branch(Manifest, depth: Int)
        /// To place a set alone.
        case set(Manifest, depth: Int)
    }

    /// Places all that follows a set, and then the set. What is newest stands first among the children, as in the list.
    private mutating func place(_ root: Manifest) {
        // Not by recursion: branches may be long, and whoever plants sets can nest thousands.
        var tasks = [Task.branch(root, depth: 0)]
        while let task = tasks.popLast() {
            switch task {
            case .set(let set, let depth):
                if places[set.id] == nil { places[set.id] = Place(line: places.count, depth: depth) }
            case .branch(let root, let depth):
                guard places[root.id] == nil else { continue }
                // The last comes first: the end of the branch, and what else follows the set before it.
                for set in branch(from: root) {
                    tasks.append(.set(set, depth: depth))
                    let others = children[set.id, default: []].dropFirst()
                    tasks += others.reversed().map { .branch($0, depth: depth + 1) }
                }
            }
        }
    }

    /// A set, and what follows it, each the newest of those that do.
    private func branch(from root: Manifest) -> [Manifest] {
        var branch = [root]
        var seen: Set<String> = [root.id]
        while let next = children[branch[branch.count - 1].id]?.first, seen.insert(next.id).inserted {
            branch.append(next)
        }
        return branch
    }
}

/// The sets of a run by their generations.
private struct Generations {
    private let ascending: [(generation: Int, id: String)]

    init(_ sets: [Manifest]) {
        ascending = sets.map { ($0.lineage?.generation ?? 0, $0.id) }.sorted { $0.0 < $1.0 }
    }

    /// The id of the newest set before one on its branch; nil if there is none.
    func last(before lineage: Lineage) -> String? {
        var limit = lineage.generation
        while let set = ascending[..<ascending.place { $0.generation >= limit }].last {
            guard let left = lineage.abandoned(set.generation) else { return set.id }
            limit = left.lowerBound
        }
        return nil
    }
}
