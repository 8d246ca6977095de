import Glibc

// Computed in double precision by the C library, then rounded once.
extension Reference {
    /// `eˣ`.
    public static func exp(_ x: Span<Float>, into result: inout MutableSpan<Float>) {
        for i in 0..<x.count { result[i] = Float(Glibc.exp(Double(x[i]))) }
    }

    /// `ln x`.
    public static func log(_ x: Span<Float>, into result: inout MutableSpan<Float>) {
        for i in 0..<x.count { result[i] = Float(Glibc.log(Double(x[i]))) }
    }

    /// `tanh x`.
    public static func tanh(_ x: Span<Float>, into result: inout MutableSpan<Float>) {
        for i in 0..<x.count { result[i] = Float(Glibc.tanh(Double(x[i]))) }
    }

    /// `1 / (1 + e⁻ˣ)`.
    public static func sigmoid(_ x: Span<Float>, into result: inout MutableSpan<Float>) {
        for i in 0..<x.count { result[i] = Float(1 / (1 + Glibc.exp(-Double(x[i])))) }
    }

    /// `x` where it is not below zero.
    public static func relu(_ x: Span<Float>, into result: inout MutableSpan<Float>) {
        for i in 0..<x.count { result[i] = x[i] < 0 ? 0 : x[i] }
    }

    /// `gradient` where `output` is above zero.
    public static func reluGradient(
        _ gradient: Span<Float>, output: Span<Float>, into result: inout MutableSpan<Float>
    ) {
        for i in 0..<gradient.count { result[i] = output[i] > 0 ? gradient[i] : 0 }
    }
}

extension Reference {
    /// `½ x (1 + tanh(√(2/π) (x + 0.044715 x³)))`.
    public static func gelu(_ x: Span<Float>, into result: inout MutableSpan<Float>) {
        for i in 0..<x.count {
            let x = Double(x[i])
            result[i] = Float(x / 2 * (1 + Glibc.tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x))))
        }
    }

    /// Its derivative by the chain rule, times `gradient`.
    public static func geluGradient(
        _ gradient: Span<Float>, x: Span<Float>, into result: inout MutableSpan<Float>
    ) {
        for i in 0..<x.count {
            let x = Double(x[i])
            let t = Glibc.tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x))
            let inner = (2 / Double.pi).squareRoot() * (1 + 3 * 0.044715 * x * x)
            result[i] = Float(Double(gradient[i]) * ((1 + t) / 2 + x / 2 * (1 - t * t) * inner))
        }
    }
}
