import Glibc
import Kernels

/// The error function of each lane, within 6 ulp: the rational function of Eigen, between the bounds past which it is 1.
@inline(__always)
func errorFunction(_ x: Lanes) -> Lanes {
    let clamped = x.replacing(with: -4, where: x .< -4).replacing(with: 4, where: x .> 4)
    let z = clamped * clamped
    let numerator = horner(
        z,
        [
            -2.726_142_258_013_06e-10, 2.770_681_424_959_02e-8, -2.101_024_020_825_08e-6, -5.692_506_394_623_46e-5,
            -7.349_906_303_268_55e-4, -2.954_599_808_540_25e-3, -1.609_603_332_624_15e-2,
        ])
    let denominator = horner(
        z,
        [
            -1.456_607_184_649_96e-5, -2.133_740_552_789_05e-4, -1.682_826_974_382_03e-3, -7.373_329_167_204_68e-3,
            -1.426_473_905_141_89e-2,
        ])
    return (clamped * numerator).divided(by: denominator)
}

/// The natural logarithm of 1 + x of each lane, for 0 ≤ x ≤ 1, small ones exact.
@inline(__always)
func logarithmOfOnePlus(_ x: Lanes) -> Lanes {
    // What 1 + x loses in rounding is given back by the slope (W. Kahan).
    let sum = 1 + x
    let exact = (naturalLogarithm(sum) * x).divided(by: sum - 1)
    return exact.replacing(with: x, where: sum .== 1)
}

/// Each lane of `base` raised to that of `exponent`, by the C library.
@inline(__always)
func raised(_ base: Lanes, to exponent: Lanes) -> Lanes {
    var result = Lanes.zero
    for lane in 0..<Lanes.scalarCount { result[lane] = powf(base[lane], exponent[lane]) }
    return result
}
