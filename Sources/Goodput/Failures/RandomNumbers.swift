import Foundation

/// Random numbers that depend on a seed alone (SplitMix64; Steele, Lea and Flood, 2014).
struct RandomNumbers {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    private mutating func bits() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = state
        bits = (bits ^ bits >> 30) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ bits >> 27) &* 0x94D0_49BB_1331_11EB
        return bits ^ bits >> 31
    }

    /// A number from 0 to below 1.
    mutating func uniform() -> Double { Double(bits() >> 11) * 0x1p-53 }

    /// A time between events of a Poisson process.
    mutating func exponential(mean: Double) -> Double { -mean * log1p(-uniform()) }
}
