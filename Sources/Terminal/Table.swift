import Files

/// Columns that line up, for people: plain, or in Markdown.
public struct Table {
    /// Where the cells of a column stand.
    public enum Side: Sendable { case left, right }

    private let sides: [Side]
    private var rows: [[String]]

    /// Makes a table with these column heads.
    public init(_ columns: [(head: String, side: Side)]) {
        sides = columns.map(\.side)
        rows = [columns.map(\.head)]
    }

    /// Makes a table with these column heads: names stand to the left, numbers to the right.
    public init(_ name: String, _ numbers: String...) {
        self.init([(name, .left)] + numbers.map { ($0, .right) })
    }

    /// Adds a row, one cell for each head.
    public mutating func add(_ cells: [String]) {
        precondition(cells.count == sides.count, "a row of \(cells.count) cells in a table of \(sides.count)")
        rows.append(cells.map(\.visible))
    }

    /// Adds a row, one cell for each head.
    public mutating func add(_ cells: String...) { add(cells) }

    /// The lines, without spaces at their ends.
    public var text: String {
        padded.map { cells in
            String(cells.joined(separator: "  ").reversed().drop { $0 == " " }.reversed())
        }.joined(separator: "\n")
    }

    /// The lines in Markdown.
    public var markdown: String {
        var lines = padded.map { "| " + $0.joined(separator: " | ") + " |" }
        let rules = zip(sides, widths).map { side, width in
            String(repeating: "-", count: width) + (side == .left ? "-" : ":")
        }
        lines.insert("|-" + rules.joined(separator: "|-") + "|", at: 1)
        return lines.joined(separator: "\n")
    }

    /// A cell wider than this moves the rest of its row: one long name is no reason for spaces in all others.
    private static let widest = 100

    private var widths: [Int] {
        sides.indices.map { column in min(rows.map { $0[column].count }.max() ?? 0, Self.widest) }
    }

    /// The rows with cells of one width a column.
    private var padded: [[String]] {
        let widths = widths
        return rows.map { cells in
            cells.enumerated().map { column, cell in
                let space = String(repeating: " ", count: max(0, widths[column] - cell.count))
                return sides[column] == .left ? cell + space : space + cell
            }
        }
    }
}
