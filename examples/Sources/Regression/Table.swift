import Foundation
import Lockstep

/// The numbers of a CSV file, every column scaled to a mean of 0 and a deviation of 1.
struct Table {
    /// The file that lies beside this one.
    static let shipped = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "houses.csv")
        .path(percentEncoded: false)

    private let rows: [[Float]]

    /// Reads a file: a line of names, then numbers.
    init(contentsOf path: String) throws {
        let lines = try String(contentsOf: URL(filePath: path), encoding: .utf8).split(whereSeparator: \.isNewline)
        let columns = lines.first?.split(separator: ",").count ?? 0
        guard columns >= 2, lines.count >= 10 else {
            throw TableError(description: "\(path) is no table of at least two columns and ten lines")
        }
        let numbers = try lines.enumerated().dropFirst().map { index, line in
            let values = line.split(separator: ",").compactMap { Float($0.filter { !$0.isWhitespace }) }
            guard values.count == columns else {
                throw TableError(description: "line \(index + 1) of \(path) is not \(columns) numbers")
            }
            return values
        }
        rows = Self.scaled(numbers)
    }

    /// The columns but the last.
    var featureCount: Int { rows[0].count - 1 }

    /// Of five lines, four are trained on.
    var trainingSamples: TensorDataset { samples(rows.enumerated().filter { $0.offset % 5 != 4 }.map(\.element)) }

    /// And the fifth is tested with.
    var testSamples: TensorDataset { samples(rows.enumerated().filter { $0.offset % 5 == 4 }.map(\.element)) }

    private func samples(_ rows: [[Float]]) -> TensorDataset {
        TensorDataset([
            ("features", Tensor(rows.flatMap { $0.dropLast() }, shape: [rows.count, featureCount])),
            ("target", Tensor(rows.map { $0[featureCount] }, shape: [rows.count, 1])),
        ])
    }

    private static func scaled(_ rows: [[Float]]) -> [[Float]] {
        let count = Float(rows.count)
        let means = rows[0].indices.map { column in rows.reduce(0) { $0 + $1[column] } / count }
        let deviations = means.indices.map { column in
            (rows.reduce(0) { $0 + ($1[column] - means[column]) * ($1[column] - means[column]) } / count).squareRoot()
        }
        return rows.map { row in row.indices.map { (row[$0] - means[$0]) / max(deviations[$0], 1e-6) } }
    }
}

/// A file that is no table.
struct TableError: Error, CustomStringConvertible {
    let description: String
}
