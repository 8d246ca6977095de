public import Kernels

/// What a layer applies to each of its outputs. Its gradient is ``activationGradient(_:_:x:into:pool:)``.
public enum Activation: Sendable, Hashable {
    /// x times the share of a normal distribution below it, by the error function (MindSpore: `GELU(approximate=False)`).
    case gelu
    /// x · σ(x) (MindSpore: `SiLU`).
    case silu
    /// x, times `slope` below zero (MindSpore: `LeakyReLU`).
    case leakyReLU(slope: Float)
    /// x, and `alpha` (eˣ − 1) below zero (MindSpore: `ELU`).
    case elu(alpha: Float)
    /// ln(1 + eˣ) (MindSpore: `Softplus`).
    case softplus
    /// x · min(max(x + 3, 0), 6) / 6 (MindSpore: `HSwish`).
    case hardSwish
    /// min(max(x + 3, 0), 6) / 6 (MindSpore: `HSigmoid`).
    case hardSigmoid
    /// min(max(x, 0), 6) (MindSpore: `ReLU6`).
    case relu6
}

/// Applies an activation to each element. `result` may be the memory of `x`.
public func activate(
    _ activation: Activation, _ x: Span<Float>, into result: inout MutableSpan<Float>, pool: ThreadPool
) {
    switch activation {
    case .gelu: map(x, into: &result, pool) { gaussianShare($0) * $0 }
    case .silu: map(x, into: &result, pool) { sigmoid($0) * $0 }
    case .leakyReLU(let slope):
        map(x, Lanes(repeating: slope), into: &result, pool) { x, slope in x.choosing(x * slope, whereNegative: x) }
    case .elu(let alpha):
        map(x, Lanes(repeating: alpha), into: &result, pool) { x, alpha in
            x.choosing(alpha * exponentialLessOne(x), whereNegative: x)
        }
    case .softplus: map(x, into: &result, pool) { softplus($0) }
    case .hardSwish: map(x, into: &result, pool) { $0 * hardGate($0) }
    case .hardSigmoid: map(x, into: &result, pool) { hardGate($0) }
    case .relu6:
        map(x, into: &result, pool) { $0.replacing(with: 0, where: $0 .< 0).replacing(with: 6, where: $0 .> 6) }
    }
}

/// Passes a gradient back through ``activate(_:_:into:pool:)``; `x` is what that was given.
///
/// `result` may be the memory of either input. Where an activation has a corner the slope is the one that
/// MindSpore takes there.
public func activationGradient(
    _ activation: Activation, _ gradient: Span<Float>, x: Span<Float>, into result: inout MutableSpan<Float>,
    pool: ThreadPool
) {
    switch activation {
    case .gelu:
        mapLanes(gradient, x, into: &result, pool: pool) { g, x in
            // e^(−x²/2) / √(2π) is the density there.
            let density = exponentialOfNegative(x * x * -0.5) * 0.398_942_28
            return g * gaussianShare(x).plus(x, times: density)
        }
    case .silu:
        mapLanes(gradient, x, into: &result, pool: pool) { g, x in
            let gate = sigmoid(x)
            return g * gate.plus(gate * x, times: 1 - gate)
        }
    case .leakyReLU(let slope):
        map(gradient, x, Lanes(repeating: slope), into: &result, pool) { g, x, slope in
            (g * slope).replacing(with: g, where: x .> 0)
                .replacing(with: (g + g * slope) * 0.5, where: x .== 0)
        }
    case .elu(let alpha):
        map(gradient, x, Lanes(repeating: alpha), into: &result, pool) { g, x, alpha in
            (g * alpha * exponentialOfNegative(Lanes(bits: x.bits | Int32.min))).replacing(with: g, where: x .> 0)
        }
    case .softplus: mapLanes(gradient, x, into: &result, pool: pool) { $0 * sigmoid($1) }
    case .hardSwish:
        mapLanes(gradient, x, into: &result, pool: pool) { g, x in
            let slope = Lanes(repeating: 0.5).plus(1.0 / 3, times: x)
            return g * slope.replacing(with: 0, where: x .< -3).replacing(with: 1, where: x .> 3)
        }
    case .hardSigmoid:
        mapLanes(gradient, x, into: &result, pool: pool) { g, x in
            (g * (1.0 / 6)).replacing(with: 0, where: (x .<= -3) .| (x .>= 3))
        }
    case .relu6:
        mapLanes(gradient, x, into: &result, pool: pool) { g, x in
            g.replacing(with: 0, where: (x .<= 0) .| (x .> 6))
        }
    }
}

/// ½ (1 + erf(x / √2)).
@inline(__always)
private func gaussianShare(_ x: Lanes) -> Lanes {
    Lanes(repeating: 0.5).plus(0.5, times: errorFunction(x * 0.707_106_77))
}

/// min(max(x + 3, 0), 6) / 6.
@inline(__always)
private func hardGate(_ x: Lanes) -> Lanes {
    let sum = x + 3
    return sum.replacing(with: 0, where: sum .< 0).replacing(with: 6, where: sum .> 6) * (1.0 / 6)
}

/// ln(1 + eˣ), by an exponential that cannot overflow.
@inline(__always)
private func softplus(_ x: Lanes) -> Lanes {
    let e = exponentialOfNegative(Lanes(bits: x.bits | Int32.min))
    return x.choosing(.zero, whereNegative: x) + logarithmOfOnePlus(e)
}

/// eˣ − 1 for x below zero; near zero, where the difference would cancel, by its series.
@inline(__always)
private func exponentialLessOne(_ x: Lanes) -> Lanes {
    let series = x.plus(x * x, times: horner(x, [1.0 / 5040, 1.0 / 720, 1.0 / 120, 1.0 / 24, 1.0 / 6, 0.5]))
    let far = exponentialOfNegative(Lanes(bits: x.bits | Int32.min)) - 1
    return series.choosing(far, whereNegative: x + 0.5)
}

/// Writes `transform` of each lane of `x` to `result`, spread over the threads.
@inline(__always)
private func map(
    _ x: Span<Float>, into result: inout MutableSpan<Float>, _ pool: ThreadPool,
    _ transform: @escaping (Lanes) -> Lanes
) {
    mapLanes(x, x, into: &result, pool: pool) { x, _ in transform(x) }
}

/// The same with a number for all.
@inline(__always)
private func map(
    _ x: Span<Float>, _ number: Lanes, into result: inout MutableSpan<Float>, _ pool: ThreadPool,
    _ transform: @escaping (Lanes, Lanes) -> Lanes
) {
    map(x, x, number, into: &result, pool) { x, _, number in transform(x, number) }
}

/// The same of two arrays.
@inline(__always)
private func map(
    _ a: Span<Float>, _ b: Span<Float>, _ number: Lanes, into result: inout MutableSpan<Float>, _ pool: ThreadPool,
    _ transform: @escaping (Lanes, Lanes, Lanes) -> Lanes
) {
    let count = a.count
    require(b.count, of: "the second array", is: count)
    require(result.count, of: "the result", is: count)
    unsafe withAddresses(a, b) { a, b in
        unsafe result.withAddress { result in
            unsafe pool.forEachChunk(of: count, with: (a, b, result, number)) { work, chunk in
                for start in stride(from: chunk.lowerBound, to: chunk.upperBound, by: Lanes.scalarCount) {
                    let width = min(Lanes.scalarCount, chunk.upperBound - start)
                    let (left, right) = unsafe (
                        Lanes(at: work.0 + start, width: width), Lanes(at: work.1 + start, width: width)
                    )
                    unsafe transform(left, right, work.3).store(to: work.2 + start, width: width)
                }
            }
        }
    }
}
