extension Reference {
    /// See ``scaleRows(_:by:into:rows:columns:)``.
    public static func scaleRows(
        _ x: Span<Float>, by factors: Span<Float>, into result: inout MutableSpan<Float>, rows: Int, columns: Int
    ) {
        for row in 0..<rows {
            for j in 0..<columns { result[row * columns + j] = x[row * columns + j] * factors[row] }
        }
    }

    /// See ``softmaxGradient(_:output:into:rows:columns:)``.
    public static func softmaxGradient(
        _ gradient: Span<Float>, output: Span<Float>, into result: inout MutableSpan<Float>, rows: Int, columns: Int
    ) {
        for row in 0..<rows {
            let elements = row * columns..<(row + 1) * columns
            let sum = elements.reduce(0) { $0 + gradient[$1] * output[$1] }
            for index in elements { result[index] = output[index] * (gradient[index] - sum) }
        }
    }

    /// See ``isAtLeast(_:_:into:)``.
    public static func isAtLeast(_ a: Span<Float>, _ b: Span<Float>, into result: inout MutableSpan<Float>) {
        for index in a.indices { result[index] = a[index] >= b[index] ? 1 : 0 }
    }
}

extension Reference {
    /// See ``gatherRows(_:ids:firstRow:into:tableRows:columns:pool:)``.
    public static func gatherRows(
        _ table: Span<Float>, ids: Span<Int32>, firstRow: Int = 0, into result: inout MutableSpan<Float>,
        tableRows: Int, columns: Int
    ) {
        for i in 0..<ids.count * columns {
            let row = Int(ids[i / columns]) - firstRow
            result[i] = (0..<tableRows).contains(row) ? table[row * columns + i % columns] : 0
        }
    }

    /// See ``scatterAddRows(_:ids:firstRow:into:tableRows:columns:pool:)``.
    public static func scatterAddRows(
        _ gradient: Span<Float>, ids: Span<Int32>, firstRow: Int = 0, into table: inout MutableSpan<Float>,
        tableRows: Int, columns: Int
    ) {
        for i in 0..<table.count { table[i] = 0 }
        for i in 0..<ids.count * columns {
            let row = Int(ids[i / columns]) - firstRow
            if (0..<tableRows).contains(row) { table[row * columns + i % columns] += gradient[i] }
        }
    }
}
