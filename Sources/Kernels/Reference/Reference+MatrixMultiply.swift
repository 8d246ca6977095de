extension Reference {
    /// C = op(A) · op(B), or C + op(A) · op(B) with `accumulate`: the triple loop.
    ///
    /// Shapes as in ``matrixMultiply(_:_:into:m:n:k:transposeA:transposeB:accumulate:pool:)``.
    public static func matrixMultiply(
        _ a: Span<Float>, _ b: Span<Float>, into c: inout MutableSpan<Float>,
        m: Int, n: Int, k: Int, transposeA: Bool = false, transposeB: Bool = false, accumulate: Bool = false
    ) {
        batchedMatrixMultiply(
            a, b, into: &c, batch: 1, m: m, n: n, k: k,
            transposeA: transposeA, transposeB: transposeB, accumulate: accumulate)
    }

    /// The triple loop for each of `batch` consecutive matrices.
    public static func batchedMatrixMultiply(
        _ a: Span<Float>, _ b: Span<Float>, into c: inout MutableSpan<Float>,
        batch: Int, m: Int, n: Int, k: Int,
        transposeA: Bool = false, transposeB: Bool = false, accumulate: Bool = false
    ) {
        for entry in 0..<batch {
            for row in 0..<m {
                for column in 0..<n {
                    let place = (entry * m + row) * n + column
                    var sum: Float = accumulate ? c[place] : 0
                    for depth in 0..<k {
                        let left = transposeA ? depth * m + row : row * k + depth
                        let right = transposeB ? column * k + depth : depth * n + column
                        sum += a[entry * m * k + left] * b[entry * k * n + right]
                    }
                    c[place] = sum
                }
            }
        }
    }
}
