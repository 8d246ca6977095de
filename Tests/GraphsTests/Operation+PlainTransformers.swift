import Glibc
import Tensors

@testable import Execution
@testable import Graphs
@testable import LayerOperations

// The operations of transformers as plain loops in double precision.

func plainLayerNorm(_ x: [Plain], _ epsilon: Double) -> [Double] {
    x[0].rows.flatMap { row in
        let mean = row.reduce(0, +) / Double(row.count)
        let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(row.count)
        return row.indices.map {
            (row[$0] - mean) / (variance + epsilon).squareRoot() * x[1].values[$0] + x[2].values[$0]
        }
    }
}

func plainRows(_ table: Plain, _ numbers: Plain, _ first: Int) -> [Double] {
    let zeros = [Double](repeating: 0, count: table.shape[1])
    return numbers.values.flatMap { number in
        let row = Int(number) - first
        return table.rows.indices.contains(row) ? table.rows[row] : zeros
    }
}

/// Each query sees the keys of its sample up to its own place.
func plainAttention(_ projection: Plain, _ settings: Attention) -> [Double] {
    let width = projection.shape[1] / 3
    let size = width / settings.heads
    let rows = projection.rows
    var result = [[Double]](repeating: [Double](repeating: 0, count: width), count: rows.count)
    for query in rows.indices {
        let keys = query / settings.length * settings.length...query
        for head in 0..<settings.heads {
            let first = head * 3 * size
            let scores = keys.map { key in
                (0..<size).reduce(0) { $0 + rows[query][first + $1] * rows[key][first + size + $1] }
                    / Double(size).squareRoot()
            }
            let weights = scores.map { exp($0) }
            let total = weights.reduce(0, +)
            for (weight, key) in zip(weights, keys) {
                for column in 0..<size {
                    result[query][head * size + column] += weight / total * rows[key][first + 2 * size + column]
                }
            }
        }
    }
    return result.flatMap(\.self)
}
