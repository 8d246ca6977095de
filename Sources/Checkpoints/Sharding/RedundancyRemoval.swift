import Layouts
import Tensors

/// Which rank saves what when no slice is to be saved twice (MindSpore's `remove_redundancy`).
///
/// For every group of ranks that hold the same data, the names of what they hold are sorted, and the i-th is saved by
/// rank i of the group, counted around. Without any layout all ranks are one group; if there are layouts, what has none is
/// saved by every rank.
public struct RedundancyRemoval: Sendable {
    private var savers: [ByteName: Set<Int>] = [:]

    /// Assigns parameters to ranks. `groups` are the ranks that hold the same slice of a parameter, nil for one without a
    /// layout.
    public init(_ parameters: [(name: String, groups: [[Int]]?)], rankCount: Int) {
        let hasLayouts = parameters.contains { $0.groups != nil }
        var namesOfGroup: [[Int]: Int] = [:]
        for (name, groups) in parameters.sorted(by: { ByteName($0.name) < ByteName($1.name) }) {
            guard groups != nil || !hasLayouts else {
                savers[name] = Set(0..<rankCount)
                continue
            }
            savers[name] = Set(
                (groups ?? [Array(0..<rankCount)]).map { group in
                    let index = namesOfGroup[group, default: 0]
                    namesOfGroup[group] = index + 1
                    return group[index % group.count]
                })
        }
    }

    /// The ranks that save a parameter, each another slice of it unless it has no layout.
    public func savers(of name: String) -> Set<Int> {
        savers[name] ?? []
    }
}
