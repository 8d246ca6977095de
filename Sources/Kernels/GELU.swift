/// Multiplies each element by about the share of a normal distribution that lies below it:
/// `y = ½ x (1 + tanh(√(2/π) (x + 0.044715 x³)))`.
///
/// MindSpore: `GeLU`, approximate form (Hendrycks and Gimpel, 2016). `result` may be the memory of `x`.
public func gelu(_ x: Span<Float>, into result: inout MutableSpan<Float>, pool: ThreadPool) {
    let count = x.count
    require(result.count, of: "the result", is: count)
    unsafe x.withAddress { x in
        unsafe result.withAddress { result in
            unsafe pool.forEachChunk(of: count, with: (x, result)) { arrays, chunk in
                let (x, result) = unsafe (arrays.0 + chunk.lowerBound, arrays.1 + chunk.lowerBound)
                forEachLanes(of: chunk.count) { i, width in
                    let x = unsafe Lanes(at: x + i, width: width)
                    unsafe gaussianGated(x).store(to: result + i, width: width)
                }
            }
        }
    }
}

/// Passes a gradient back through ``gelu(_:into:pool:)``; `x` is what that was given.
///
/// `result` may be the memory of either input. MindSpore: `GeLUGrad`.
public func geluGradient(
    _ gradient: Span<Float>, x: Span<Float>, into result: inout MutableSpan<Float>, pool: ThreadPool
) {
    mapLanes(gradient, x, into: &result, pool: pool) { $0 * slopeOfGELU($1) }
}

// 2 √(2/π), and that times 0.044715.
private let slope: Float = 1.595_769_1
private let cubicSlope: Float = 0.071_354_82

/// The result for each lane.
@inline(__always)
func gaussianGated(_ x: Lanes) -> Lanes { x * gate(x) }

/// ½ (1 + tanh u) as 1 / (1 + e⁻²ᵘ): one exponential, and no difference of near numbers where x is far below zero.
@inline(__always)
private func gate(_ x: Lanes) -> Lanes {
    let u = x * Lanes(repeating: slope).plus(cubicSlope, times: x * x)
    // The exponential of −|2u| never overflows: it is the numerator below zero, and 1 above.
    let e = exponentialOfNegative(Lanes(bits: u.bits | Int32.min))
    return Lanes(repeating: 1).choosing(e, whereNegative: u).divided(by: 1 + e)
}

/// The derivative at each lane: s + x · s (1 − s) · 2u′, with s the gate.
@inline(__always)
func slopeOfGELU(_ x: Lanes) -> Lanes {
    let gate = gate(x)
    let inner = Lanes(repeating: slope).plus(3 * cubicSlope, times: x * x)
    // The small factor first: far from zero it is 0 and the square large, but not infinite below 1e19.
    return gate.plus(gate * (1 - gate) * x, times: inner)
}
