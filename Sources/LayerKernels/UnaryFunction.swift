import Glibc
public import Kernels

/// Functions of one number, element by element, besides those of ``Kernels``.
public enum UnaryFunction: Sendable, Hashable {
    case absolute
    /// −1, 0 or 1; NaN of NaN.
    case sign
    /// The error function, within 6 ulp.
    case errorFunction
    /// Sine and cosine, by the C library.
    case sine, cosine
    /// The nearest number between two (MindSpore: `clip_by_value`, `HardTanh`); NaN stays NaN.
    case clip(lower: Float, upper: Float)
    /// A power; squares, cubes, roots and reciprocals exactly rounded in each step, others by the C library.
    case power(Float)
}

/// Computes `function` of each element. `result` may be the memory of `x`.
public func apply(
    _ function: UnaryFunction, _ x: Span<Float>, into result: inout MutableSpan<Float>, pool: ThreadPool
) {
    let count = x.count
    require(result.count, of: "the result", is: count)
    unsafe x.withAddress { x in
        unsafe result.withAddress { result in
            unsafe pool.forEachChunk(of: count, with: (function, x, result)) { work, chunk in
                let map = unsafe UnaryMap(
                    x: work.1 + chunk.lowerBound, result: work.2 + chunk.lowerBound, count: chunk.count)
                unsafe map.apply(work.0)
            }
        }
    }
}

/// Some elements and where their results go.
@unsafe private struct UnaryMap {
    let x: UnsafePointer<Float>
    let result: UnsafeMutablePointer<Float>
    let count: Int

    func apply(_ function: UnaryFunction) {
        switch function {
        case .absolute: unsafe map { Lanes(bits: $0.bits & Int32.max) }
        case .sign:
            unsafe map { x in
                let sign = Lanes.zero.replacing(with: 1, where: x .> 0).replacing(with: -1, where: x .< 0)
                return sign.replacing(with: x, where: x .!= x)
            }
        case .errorFunction: unsafe map { LayerKernels.errorFunction($0) }
        case .sine: unsafe map { each($0, sinf) }
        case .cosine: unsafe map { each($0, cosf) }
        case .clip(let lower, let upper):
            unsafe map { $0.replacing(with: lower, where: $0 .< lower).replacing(with: upper, where: $0 .> upper) }
        case .power(let exponent): unsafe raise(to: exponent)
        }
    }

    private func raise(to exponent: Float) {
        switch exponent {
        case 0.5: unsafe map { $0.squareRoot() }
        case 1: unsafe map { $0 }
        case 2: unsafe map { $0 * $0 }
        case 3: unsafe map { $0 * $0 * $0 }
        case -0.5: unsafe map { 1 / $0.squareRoot() }
        case -1: unsafe map { 1 / $0 }
        default: unsafe map { raised($0, to: Lanes(repeating: exponent)) }
        }
    }

    @inline(__always)
    private func map(_ transform: (Lanes) -> Lanes) {
        unsafe forEachLanes(of: count) { i, width in
            unsafe transform(Lanes(at: x + i, width: width)).store(to: result + i, width: width)
        }
    }
}

/// A function of the C library of each lane.
@inline(__always)
private func each(_ x: Lanes, _ function: (Float) -> Float) -> Lanes {
    var result = Lanes.zero
    for lane in 0..<Lanes.scalarCount { result[lane] = function(x[lane]) }
    return result
}
