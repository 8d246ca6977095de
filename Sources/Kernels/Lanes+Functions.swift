// The polynomials are those of Cephes (S. Moshier, single precision); the errors named were measured over every float.

/// Adding this to a small number rounds it to a whole one, which then stands in the low bits: 1.5 · 2^23.
@inlinable @inline(__always)
package var rounder: Float { 12_582_912 }

/// e^x of each lane.
@inlinable @inline(__always)
package func exponential(_ x: Lanes) -> Lanes {
    // Past these bounds the result is 0 or infinite anyway, and inside them 2^n splits into two finite factors.
    let x = x.replacing(with: -104, where: x .< -104).replacing(with: 89, where: x .> 89)

    // Reduction: x = n · ln 2 + r, |r| ≤ ln 2 / 2; ln 2 in two parts, so that r keeps all its bits.
    let rounded = Lanes(repeating: rounder).plus(1.442_695_04, times: x)
    let n = rounded - rounder
    let r = x.plus(-0.693_359_375, times: n).plus(2.121_944_4e-4, times: n)

    let power = r.plus(r * r, times: exponentialPolynomial(r)) + 1

    // Scaling in two steps: 2^n itself may be too large for a float, or so small that it has no full exponent.
    let exponent = rounded.bits &- Lanes(repeating: rounder).bits
    let half = exponent &>> 1
    return power * powerOfTwo(half) * powerOfTwo(exponent &- half)
}

/// e^x of each lane for x up to 0, give or take a rounding; zero below −87, where other numbers lose their full exponent.
///
/// Otherwise as ``exponential(_:)``, without its comparisons, which cost as much as the polynomial. NaN stays NaN.
@inlinable @inline(__always)
package func exponentialOfNegative(_ x: Lanes) -> Lanes {
    // The reduction of `exponential`; n stands in the low bits of `rounded`.
    let rounded = Lanes(repeating: rounder).plus(1.442_695_04, times: x)
    let n = rounded - rounder
    let r = x.plus(-0.693_359_375, times: n).plus(2.121_944_4e-4, times: n)
    let power = r.plus(r * r, times: exponentialPolynomial(r)) + 1
    let result = power * Lanes(bits: (rounded.bits &<< 23) &+ Lanes(repeating: 1).bits)

    // Too far below zero; a NaN is not less than anything, and stays.
    return Lanes(bits: result.bits & ~x.isLess(than: Lanes(repeating: -87)))
}

/// The natural logarithm of each lane.
@inlinable @inline(__always)
package func naturalLogarithm(_ x: Lanes) -> Lanes {
    // Numbers without a full exponent are scaled up first.
    let isSmall = x .< Float.leastNormalMagnitude
    let scaled = x.replacing(with: x * 8_388_608, where: isSmall)

    // Reduction: x = 2^n · m, √½ ≤ m < √2.
    let n = (scaled.bits &- Lanes(repeating: 0.707_106_77).bits) &>> 23
    let mantissa = Lanes(bits: scaled.bits &- (n &<< 23))
    let wholes = Lanes(bits: n &+ Lanes(repeating: rounder).bits) - rounder
    let exponent = wholes.replacing(with: wholes - 23, where: isSmall)

    let f = mantissa - 1
    let z = f * f
    let polynomial = horner(
        f,
        [
            7.037_683_629_2e-2, -1.151_461_031e-1, 1.167_699_874e-1, -1.242_014_084_6e-1, 1.424_932_278_7e-1,
            -1.666_805_766_5e-1, 2.000_071_476_5e-1, -2.499_999_399_3e-1, 3.333_333_117_4e-1,
        ])
    let low = (f * z * polynomial).plus(-2.121_944_4e-4, times: exponent)
    let sum = f + low.plus(-0.5, times: z)
    let result = sum.plus(0.693_359_375, times: exponent)

    return
        result
        .replacing(with: -.infinity, where: x .== 0)
        .replacing(with: .nan, where: x .< 0)
        .replacing(with: x, where: (x .== Float.infinity) .| (x .!= x))
}

/// The hyperbolic tangent of each lane.
@inlinable @inline(__always)
package func hyperbolicTangent(_ x: Lanes) -> Lanes {
    let magnitude = x.replacing(with: -x, where: x .< 0)
    // Near zero the formula with the exponential would cancel: an odd polynomial serves there.
    let z = x * x
    let polynomial = horner(
        z,
        [-5.704_988_727_45e-3, 2.063_908_879_54e-2, -5.373_971_555_31e-2, 1.333_144_220_36e-1, -3.333_328_194_22e-1])
    let near = x.plus(x * z, times: polynomial)
    let far = 1 - 2 / (exponential(magnitude + magnitude) + 1)
    return far.replacing(with: -far, where: x .< 0).replacing(with: near, where: magnitude .< 0.625)
}

/// The logistic function of each lane.
@inlinable @inline(__always)
package func logistic(_ x: Lanes) -> Lanes {
    // The exponential of −|x| never overflows, and keeps the small results below zero exact.
    let isNegative = x .< 0
    let e = exponential(x.replacing(with: -x, where: x .> 0))
    return Lanes(repeating: 1).replacing(with: e, where: isNegative) / (1 + e)
}

/// (e^r − 1 − r) / r² of each lane, for |r| ≤ ln 2 / 2.
@inlinable @inline(__always)
package func exponentialPolynomial(_ r: Lanes) -> Lanes {
    horner(
        r,
        [
            1.987_569_15e-4, 1.398_199_950_7e-3, 8.333_451_907_3e-3, 4.166_579_589_4e-2, 1.666_666_545_9e-1,
            5.000_000_120_1e-1,
        ])
}

/// The polynomial with `coefficients`, that of the highest power first.
@inlinable @inline(__always)
package func horner<let count: Int>(_ x: Lanes, _ coefficients: InlineArray<count, Float>) -> Lanes {
    var sum = Lanes(repeating: coefficients[0])
    for power in 1..<count { sum = Lanes(repeating: coefficients[power]).plus(sum, times: x) }
    return sum
}

/// 2^n of each lane, for −126 ≤ n ≤ 127.
@inlinable @inline(__always)
package func powerOfTwo(_ n: SIMD16<Int32>) -> Lanes {
    Lanes(bits: (n &+ 127) &<< 23)
}
