import Glibc

// Computed in double precision, then rounded once.
extension Reference {
    /// `eˣ / Σ eˣ` of each row.
    public static func softmax(_ x: Span<Float>, into result: inout MutableSpan<Float>, rows: Int, columns: Int) {
        for row in 0..<rows {
            let total = logOfSum(x, row: row, columns: columns)
            for i in row * columns..<(row + 1) * columns { result[i] = Float(Glibc.exp(Double(x[i]) - total)) }
        }
    }

    /// `x − log Σ eˣ` of each row.
    public static func logSoftmax(_ x: Span<Float>, into result: inout MutableSpan<Float>, rows: Int, columns: Int) {
        for row in 0..<rows {
            let total = logOfSum(x, row: row, columns: columns)
            for i in row * columns..<(row + 1) * columns { result[i] = Float(Double(x[i]) - total) }
        }
    }

    /// `−log softmax(logits)[label]` and `softmax(logits) − onehot(label)`.
    public static func sparseCrossEntropy(
        _ logits: Span<Float>, labels: Span<Int32>, into losses: inout MutableSpan<Float>,
        gradient: inout MutableSpan<Float>, rows: Int, classes: Int
    ) {
        softmax(logits, into: &gradient, rows: rows, columns: classes)
        for row in 0..<rows {
            guard labels[row] >= 0 else {
                losses[row] = 0
                for i in row * classes..<(row + 1) * classes { gradient[i] = 0 }
                continue
            }
            let place = row * classes + Int(labels[row])
            losses[row] = Float(logOfSum(logits, row: row, columns: classes) - Double(logits[place]))
            gradient[place] -= 1
        }
    }

    /// `−Σ labels · log softmax(logits)` and `softmax(logits) − labels`.
    public static func denseCrossEntropy(
        _ logits: Span<Float>, labels: Span<Float>, into losses: inout MutableSpan<Float>,
        gradient: inout MutableSpan<Float>, rows: Int, classes: Int
    ) {
        softmax(logits, into: &gradient, rows: rows, columns: classes)
        for row in 0..<rows {
            let total = logOfSum(logits, row: row, columns: classes)
            var loss = 0.0
            for i in row * classes..<(row + 1) * classes {
                if labels[i] != 0 { loss += Double(labels[i]) * (total - Double(logits[i])) }
                gradient[i] -= labels[i]
            }
            losses[row] = Float(loss)
        }
    }

    /// `log Σ eˣ` of a row.
    private static func logOfSum(_ x: Span<Float>, row: Int, columns: Int) -> Double {
        var largest = -Double.infinity
        for i in row * columns..<(row + 1) * columns { largest = max(largest, Double(x[i])) }
        var sum = 0.0
        for i in row * columns..<(row + 1) * columns { sum += Glibc.exp(Double(x[i]) - largest) }
        return largest + Glibc.log(sum)
    }
}
