/// Columns that line up, for people.
struct Table {
    /// Where the cells of a column stand.
    enum Side { case left, right }

    private let sides: [Side]
    private var rows: [[String]]

    /// Makes a table with these column heads.
    init(_ columns: [(head: String, side: Side)]) {
        sides = columns.map(\.side)
        rows = [columns.map(\.head)]
    }

    /// Adds a row, one cell for each head.
    mutating func add(_ cells: [String]) {
        precondition(cells.count == sides.count, "a row of \(cells.count) cells in a table of \(sides.count)")
        rows.append(cells.map(\.visible))
    }

    /// The lines, without spaces at their ends.
    var text: String {
        let widths = sides.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { line($0, widths) }.joined(separator: "\n")
    }

    private func line(_ cells: [String], _ widths: [Int]) -> String {
        let padded = cells.enumerated().map { column, cell in
            let space = String(repeating: " ", count: widths[column] - cell.count)
            return sides[column] == .left ? cell + space : space + cell
        }
        let line = padded.joined(separator: "  ")
        return String(line.reversed().drop { $0 == " " }.reversed())
    }
}

extension String {
    /// The same without characters that would move a terminal's cursor or worse: names come from files.
    var visible: String {
        unicodeScalars.reduce(into: "") { text, scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate:
                text += "\\u{\(String(scalar.value, radix: 16))}"
            default: text.unicodeScalars.append(scalar)
            }
        }
    }
}
