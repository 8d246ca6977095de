import Files
import SystemPackage

/// What a launch is doing.
package enum Phase: String, Sendable, CaseIterable, Codable, CodingKeyRepresentable {
    case start, resume, train, write, publish, retain

    /// What the first rank does, by what it asks of the disk.
    init(_ operation: FileOperation, _ path: FilePath, after phase: Phase, hasBegun: Bool) {
        guard hasBegun else {
            let isRead = operation == .open && path.string.hasSuffix(".json")
            self = isRead ? .resume : phase
            return
        }
        switch operation {
        case .create, .write: self = .write
        case .rename: self = .publish
        case .delete: self = .retain
        default: self = phase
        }
    }
}

/// How often what struck in which phase.
package struct Coverage: Sendable, Codable {
    package private(set) var counts: [String: [Phase: Int]] = [:]

    package init() {}

    mutating func note(_ name: String, in phase: Phase) { counts[name, default: [:]][phase, default: 0] += 1 }

    /// Adds those of another trial.
    package mutating func add(_ other: Coverage) {
        for (name, phases) in other.counts {
            counts[name, default: [:]].merge(phases, uniquingKeysWith: +)
        }
    }

    /// A table: a row for each thing, a column for each phase.
    package var table: String {
        let rows = counts.keys.sorted().map { name in
            [name] + Phase.allCases.map { "\(counts[name]?[$0] ?? 0)" }
        }
        let all = [["struck by"] + Phase.allCases.map(\.rawValue)] + rows
        let widths = all[0].indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        return all.map { row in
            row.enumerated().map { column, cell in
                let space = String(repeating: " ", count: widths[column] - cell.count)
                return column == 0 ? cell + space : space + cell
            }.joined(separator: "  ")
        }.joined(separator: "\n")
    }
}
