// What each function means stands at the kernel of the same name.
extension Reference {
    /// `a + b`.
    public static func add(_ a: Span<Float>, _ b: Span<Float>, into result: inout MutableSpan<Float>) {
        for i in 0..<a.count { result[i] = a[i] + b[i] }
    }

    /// `a − b`.
    public static func subtract(_ a: Span<Float>, _ b: Span<Float>, into result: inout MutableSpan<Float>) {
        for i in 0..<a.count { result[i] = a[i] - b[i] }
    }

    /// `a · b`.
    public static func multiply(_ a: Span<Float>, _ b: Span<Float>, into result: inout MutableSpan<Float>) {
        for i in 0..<a.count { result[i] = a[i] * b[i] }
    }

    /// `a / b`.
    public static func divide(_ a: Span<Float>, _ b: Span<Float>, into result: inout MutableSpan<Float>) {
        for i in 0..<a.count { result[i] = a[i] / b[i] }
    }

    /// The larger of each two elements, NaN where either is NaN.
    public static func maximum(_ a: Span<Float>, _ b: Span<Float>, into result: inout MutableSpan<Float>) {
        for i in 0..<a.count { result[i] = b[i] > a[i] || b[i].isNaN ? b[i] : a[i] }
    }

    /// The smaller of each two elements, NaN where either is NaN.
    public static func minimum(_ a: Span<Float>, _ b: Span<Float>, into result: inout MutableSpan<Float>) {
        for i in 0..<a.count { result[i] = b[i] < a[i] || b[i].isNaN ? b[i] : a[i] }
    }

    /// `x · factor`.
    public static func scale(_ x: Span<Float>, by factor: Float, into result: inout MutableSpan<Float>) {
        for i in 0..<x.count { result[i] = x[i] * factor }
    }

    /// `x + scalar`.
    public static func addScalar(_ x: Span<Float>, _ scalar: Float, into result: inout MutableSpan<Float>) {
        for i in 0..<x.count { result[i] = x[i] + scalar }
    }

    /// `−x`.
    public static func negate(_ x: Span<Float>, into result: inout MutableSpan<Float>) {
        for i in 0..<x.count { result[i] = -x[i] }
    }

    /// `x²`.
    public static func square(_ x: Span<Float>, into result: inout MutableSpan<Float>) {
        for i in 0..<x.count { result[i] = x[i] * x[i] }
    }

    /// `√x`.
    public static func sqrt(_ x: Span<Float>, into result: inout MutableSpan<Float>) {
        for i in 0..<x.count { result[i] = x[i].squareRoot() }
    }

    /// `1 / x`.
    public static func reciprocal(_ x: Span<Float>, into result: inout MutableSpan<Float>) {
        for i in 0..<x.count { result[i] = 1 / x[i] }
    }

    /// `x`.
    public static func copy(_ x: Span<Float>, into result: inout MutableSpan<Float>) {
        for i in 0..<x.count { result[i] = x[i] }
    }

    /// `value` everywhere.
    public static func fill(_ result: inout MutableSpan<Float>, with value: Float) {
        for i in 0..<result.count { result[i] = value }
    }

    /// `y += a · x`.
    public static func axpy(_ a: Float, _ x: Span<Float>, into y: inout MutableSpan<Float>) {
        for i in 0..<x.count { y[i] = y[i] + a * x[i] }
    }

    /// `x` and a bias for each column.
    public static func addBias(
        _ x: Span<Float>, bias: Span<Float>, into result: inout MutableSpan<Float>, rows: Int, columns: Int
    ) {
        for i in 0..<rows * columns { result[i] = x[i] + bias[i % columns] }
    }

    /// `x` and a bias for each channel.
    public static func addChannelBias(
        _ x: Span<Float>, bias: Span<Float>, into result: inout MutableSpan<Float>, batch: Int, channels: Int,
        plane: Int
    ) {
        for i in 0..<batch * channels * plane { result[i] = x[i] + bias[i / plane % channels] }
    }
}
