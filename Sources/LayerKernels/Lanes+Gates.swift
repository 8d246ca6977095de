import Kernels

// As the functions of ``Kernels`` of these names, without their comparisons: these are for numbers that many steps compute.

/// The logistic function of each lane.
@inline(__always)
func sigmoid(_ x: Lanes) -> Lanes {
    // The exponential of −|x| never overflows: it is the numerator below zero, and 1 above.
    let e = exponentialOfNegative(Lanes(bits: x.bits | Int32.min))
    return Lanes(repeating: 1).choosing(e, whereNegative: x).divided(by: 1 + e)
}

/// The hyperbolic tangent of each lane.
@inline(__always)
func hyperbolicTangent(ofLanes x: Lanes) -> Lanes {
    let sign = x.bits & Int32.min
    let magnitude = Lanes(bits: x.bits & Int32.max)
    let e = exponentialOfNegative(magnitude * -2)
    let far = Lanes(bits: ((1 - e).divided(by: 1 + e)).bits | sign)
    // Near zero that difference would cancel: an odd polynomial serves there, that of Cephes.
    let z = x * x
    let polynomial = horner(
        z,
        [-5.704_988_727_45e-3, 2.063_908_879_54e-2, -5.373_971_555_31e-2, 1.333_144_220_36e-1, -3.333_328_194_22e-1])
    return far.choosing(x.plus(x * z, times: polynomial), whereNegative: magnitude - 0.625)
}
