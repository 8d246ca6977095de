import Layouts
import Tensors

/// Which rank saves what when no slice is to be saved twice (MindSpore's `remove_redundancy`).
///
/// For every group of ranks that hold the same data, the names of what they hold are sorted, and the i-th is saved by rank i of
/// the group, modulo its size. Without any layout all ranks are one group; if there are layouts, what has none is saved by every
/// rank.
public struct RedundancyRemoval: Sendable {
    private var savers: [ByteName: Set<Int>] = [:]

    /// Assigns parameters to ranks. `groups` are the ranks that hold the same slice of a parameter, nil for one without a layout.
    /// It answers only for those that are wanted.
    public init(
        _ parameters: [(name: String, groups: [[Int]]?)], rankCount: Int,
        where isWanted: (String) -> Bool = { _ in true }
    ) {
        let hasLayouts = parameters.contains { $0.groups != nil }
        let everybody = Array(0..<rankCount)
        var namesOfGroup: [[Int]: Int] = [:]
        for (name, groups) in parameters.sorted(by: { ByteName($0.name) < ByteName($1.name) }) {
            let isKnown = isWanted(name)
            guard groups != nil || !hasLayouts else {
                if isKnown { savers[name] = Set(0..<rankCount) }
                continue
            }
            let turns = (groups ?? [everybody]).map { group in
                let index = namesOfGroup[group, default: 0]
                namesOfGroup[group] = index + 1
                return group[index % group.count]
            }
            if isKnown { savers[name] = Set(turns) }
        }
    }

    /// The ranks that save a parameter, each another slice of it unless it has no layout.
    public func savers(of name: String) -> Set<Int> {
        savers[name] ?? []
    }
}
