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
