// The sums are taken in double precision, one element after the other.
extension Reference {
    /// `Σ x`.
    public static func sum(of x: Span<Float>) -> Float {
        var sum = 0.0
        for i in 0..<x.count { sum += Double(x[i]) }
        return Float(sum)
    }

    /// `Σ x²`.
    public static func sumOfSquares(of x: Span<Float>) -> Float {
        var sum = 0.0
        for i in 0..<x.count { sum += Double(x[i]) * Double(x[i]) }
        return Float(sum)
    }

    /// `Σ x / count`.
    public static func mean(of x: Span<Float>) -> Float {
        sum(of: x) / Float(x.count)
    }

    /// The largest element, NaN if there is one.
    public static func maximum(of x: Span<Float>) -> Float {
        var largest = -Float.infinity
        for i in 0..<x.count where x[i] > largest || x[i].isNaN { largest = x[i] }
        return largest
    }

    /// The number of infinite elements and NaNs.
    public static func countNonFinite(in x: Span<Float>) -> Int {
        var count = 0
        for i in 0..<x.count where !x[i].isFinite { count += 1 }
        return count
    }

    /// [rows, columns] → [columns].
    public static func sumLeadingAxis(
        _ x: Span<Float>, into sums: inout MutableSpan<Float>, rows: Int, columns: Int
    ) {
        for column in 0..<columns {
            var sum = 0.0
            for row in 0..<rows { sum += Double(x[row * columns + column]) }
            sums[column] = Float(sum)
        }
    }

    /// [rows, columns] → [rows].
    public static func sumLastAxis(_ x: Span<Float>, into sums: inout MutableSpan<Float>, rows: Int, columns: Int) {
        for row in 0..<rows {
            var sum = 0.0
            for column in 0..<columns { sum += Double(x[row * columns + column]) }
            sums[row] = Float(sum)
        }
    }

    /// [batch, channels, plane] → [channels].
    public static func sumChannels(
        _ x: Span<Float>, into sums: inout MutableSpan<Float>, batch: Int, channels: Int, plane: Int
    ) {
        for channel in 0..<channels {
            var sum = 0.0
            for image in 0..<batch {
                for place in 0..<plane { sum += Double(x[(image * channels + channel) * plane + place]) }
            }
            sums[channel] = Float(sum)
        }
    }

    /// The place of the first of the largest of each row, NaN left out.
    public static func argmaxLastAxis(
        _ x: Span<Float>, into places: inout MutableSpan<Int32>, rows: Int, columns: Int
    ) {
        for row in 0..<rows {
            var best: Int?
            for column in 0..<columns where !x[row * columns + column].isNaN {
                guard let last = best, x[row * columns + column] <= x[row * columns + last] else {
                    best = column
                    continue
                }
            }
            places[row] = Int32(best ?? 0)
        }
    }

    /// [rows, columns] → [columns, rows].
    public static func transpose(
        _ x: Span<Float>, into result: inout MutableSpan<Float>, rows: Int, columns: Int
    ) {
        for row in 0..<rows {
            for column in 0..<columns { result[column * rows + row] = x[row * columns + column] }
        }
    }

    /// Dimension `d` of the result is dimension `permutation[d]` of `x`.
    public static func transpose(
        _ x: Span<Float>, into result: inout MutableSpan<Float>, shape: [Int], permutation: [Int]
    ) {
        for place in 0..<x.count {
            // The index in every dimension of `x`, then the place they have in the result.
            var index = shape
            var rest = place
            for dimension in shape.indices.reversed() {
                index[dimension] = rest % shape[dimension]
                rest /= shape[dimension]
            }
            let target = permutation.reduce(0) { $0 * shape[$1] + index[$1] }
            result[target] = x[place]
        }
    }
}
