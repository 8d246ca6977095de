// Every kernel here works element by element, so its result may be the memory of one of its inputs.

/// Takes the exponential, within 1 ulp; zero below −104, infinite above 88.73.
public func exp(_ x: Span<Float>, into result: inout MutableSpan<Float>) {
    mapLanes(x, into: &result) { exponential($0) }
}

/// Takes the natural logarithm, within 1 ulp; −∞ at zero, NaN below.
public func log(_ x: Span<Float>, into result: inout MutableSpan<Float>) {
    mapLanes(x, into: &result) { naturalLogarithm($0) }
}

/// Takes the hyperbolic tangent, within 2 ulp.
public func tanh(_ x: Span<Float>, into result: inout MutableSpan<Float>) {
    mapLanes(x, into: &result) { hyperbolicTangent($0) }
}

/// Takes the logistic function `1 / (1 + e⁻ˣ)`, within 3 ulp.
public func sigmoid(_ x: Span<Float>, into result: inout MutableSpan<Float>) {
    mapLanes(x, into: &result) { logistic($0) }
}

/// Sets what is below zero to zero; NaN stays NaN (MindSpore: `ReLU`).
public func relu(_ x: Span<Float>, into result: inout MutableSpan<Float>) {
    mapLanes(x, into: &result) { rectified($0) }
}

/// What is below zero as zero.
@inlinable @inline(__always)
package func rectified(_ x: Lanes) -> Lanes { x.replacing(with: 0, where: x .< 0) }

/// Passes a gradient back through ``relu(_:into:)``: it stays where `output` is above zero and is zero elsewhere.
///
/// `output` may be the result of `relu` or its input, for both are above zero at the same places.
public func reluGradient(_ gradient: Span<Float>, output: Span<Float>, into result: inout MutableSpan<Float>) {
    mapLanes(gradient, output, into: &result) { gradient, output in
        Lanes.zero.replacing(with: gradient, where: output .> 0)
    }
}
