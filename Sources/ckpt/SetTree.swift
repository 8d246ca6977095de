import Checkpoints

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
        var roots: [Manifest] = []
        for set in newestFirst {
            if let parent = Self.parent(of: set, among: newestFirst, ids) {
                children[parent, default: []].append(set)
            } else {
                roots.append(set)
            }
        }
        for root in roots { place(root, depth: 0) }
    }

    /// The id of the set that one follows; where that is gone, of the one before it on its branch.
    private static func parent(of set: Manifest, among all: [Manifest], _ ids: Set<String>) -> String? {
        guard let lineage = set.lineage else { return nil }
        if let parent = lineage.parent, ids.contains(parent), parent != set.id { return parent }
        let before = all.filter { other in
            other.lineage.map { lineage.follows($0) && $0.generation < lineage.generation } ?? false
        }
        return before.max { ($0.lineage?.generation ?? 0) < ($1.lineage?.generation ?? 0) }?.id
    }

    /// Places all that follows a set, and then the set. What is newest stands first among the children, as in the list.
    private mutating func place(_ root: Manifest, depth: Int) {
        // Not by recursion along a branch, which may be long.
        var branch = [root]
        var seen: Set<String> = [root.id]
        while let next = children[branch[branch.count - 1].id]?.first, seen.insert(next.id).inserted {
            branch.append(next)
        }
        for set in branch.reversed() {
            for other in children[set.id, default: []].dropFirst() where places[other.id] == nil {
                place(other, depth: depth + 1)
            }
            if places[set.id] == nil { places[set.id] = Place(line: places.count, depth: depth) }
        }
    }
}
