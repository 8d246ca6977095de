/// A Markdown table whose columns line up in plain text too: the first to the left, numbers to the right.
struct Table: CustomStringConvertible {
    private var rows: [[String]]

    /// Makes a table with these column heads.
    init(_ heads: String...) {
        rows = [heads]
    }

    /// Adds a row, one cell for each head.
    mutating func add(_ cells: String...) {
        precondition(cells.count == rows[0].count, "a row of \(cells.count) cells in a table of \(rows[0].count)")
        rows.append(cells)
    }

    var description: String {
        let widths = rows[0].indices.map { column in
            rows.map { $0[column].count }.max() ?? 0
        }
        var lines = rows.map { line($0, widths: widths) }
        let rule = widths.enumerated().map { column, width in
            String(repeating: "-", count: width) + (column == 0 ? "-" : ":")
        }
        lines.insert("|-" + rule.joined(separator: "|-") + "|", at: 1)
        return lines.joined(separator: "\n")
    }

    private func line(_ cells: [String], widths: [Int]) -> String {
        let padded = cells.enumerated().map { column, cell in
            let space = String(repeating: " ", count: widths[column] - cell.count)
            return column == 0 ? cell + space : space + cell
        }
        return "| " + padded.joined(separator: " | ") + " |"
    }
}

extension Double {
    /// The number with so many digits behind the point.
    func rounded(digits: Int) -> String {
        let scale = (0..<digits).reduce(1.0) { scale, _ in scale * 10 }
        let whole = Int((magnitude * scale).rounded())
        let sign = self < 0 && whole > 0 ? "-" : ""
        guard digits > 0 else { return sign + String(whole) }
        let fraction = String(whole % Int(scale))
        let zeros = String(repeating: "0", count: digits - fraction.count)
        return "\(sign)\(whole / Int(scale)).\(zeros)\(fraction)"
    }
}
