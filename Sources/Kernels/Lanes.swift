import CProcessor

/// The vector every kernel computes on: 16 floats, one register of AVX-512, two of AVX2, four of NEON.
typealias Lanes = SIMD16<Float>

// A constant of the instruction set compiled for; as a function, so that the branch not taken is no warning.
@inline(__always)
private var fusesMultiplyAdd: Bool { LOCKSTEP_HAS_MULTIPLY_ADD == 1 }

extension SIMD16<Float> {
    /// The 16 floats at `address`, which needs no alignment.
    @inline(__always)
    init(at address: UnsafePointer<Float>) {
        self = unsafe UnsafeRawPointer(address).loadUnaligned(as: Self.self)
    }

    /// The first `width` of 16 floats at `address`, the other lanes holding `padding`.
    @inline(__always)
    init(at address: UnsafePointer<Float>, width: Int, padding: Float = 0) {
        guard width < Self.scalarCount else {
            unsafe self.init(at: address)
            return
        }
        self.init(repeating: padding)
        for lane in 0..<width { unsafe self[lane] = address[lane] }
    }

    /// Writes all lanes to `address`, which needs no alignment.
    @inline(__always)
    func store(to address: UnsafeMutablePointer<Float>) {
        unsafe UnsafeMutableRawPointer(address).storeBytes(of: self, as: Self.self)
    }

    /// Writes the first `width` lanes to `address` and nothing behind them.
    @inline(__always)
    func store(to address: UnsafeMutableRawPointer, width: Int) {
        guard width < Self.scalarCount else { return unsafe address.storeBytes(of: self, as: Self.self) }
        // Halves, by the bits of the width: four stores at most instead of up to fifteen.
        var rest = unsafe address
        var eight = lowHalf
        if width & 8 != 0 {
            unsafe rest.storeBytes(of: lowHalf, as: SIMD8<Float>.self)
            unsafe rest += 32
            eight = highHalf
        }
        var four = eight.lowHalf
        if width & 4 != 0 {
            unsafe rest.storeBytes(of: four, as: SIMD4<Float>.self)
            unsafe rest += 16
            four = eight.highHalf
        }
        var two = four.lowHalf
        if width & 2 != 0 {
            unsafe rest.storeBytes(of: two, as: SIMD2<Float>.self)
            unsafe rest += 8
            two = four.highHalf
        }
        if width & 1 != 0 { unsafe rest.storeBytes(of: two[0], as: Float.self) }
    }

    /// The sum of the lanes, by halves: the order is fixed, so the result has the same bits in every run.
    @inline(__always)
    var sumOfLanes: Float {
        let eight = lowHalf + highHalf
        let four = eight.lowHalf + eight.highHalf
        let two = four.lowHalf + four.highHalf
        return two[0] + two[1]
    }

    /// The bit patterns of the lanes.
    @inline(__always)
    var bits: SIMD16<Int32> { unsafe unsafeBitCast(self, to: SIMD16<Int32>.self) }

    /// The lanes with these bit patterns.
    @inline(__always)
    init(bits: SIMD16<Int32>) { unsafe self = unsafeBitCast(bits, to: Self.self) }

    /// The lanes of `other` where those of `signs` are negative, the own elsewhere; a NaN in `signs` takes either.
    ///
    /// Where speed counts this stands in for `replacing(with:where:)`, which the compiler makes of narrower vectors.
    @inline(__always)
    func choosing(_ other: Self, whereNegative signs: Self) -> Self {
        lockstep_choose(self, other, signs)
    }

    /// All bits of the lanes that are less than those of `other`, none of the others.
    @inline(__always)
    func isLess(than other: Self) -> SIMD16<Int32> { lockstep_is_less(self, other) }

    /// The largest lane; of no use where one may be NaN.
    @inline(__always)
    var largestLane: Float {
        let eight = lowHalf.replacing(with: highHalf, where: highHalf .> lowHalf)
        let four = eight.lowHalf.replacing(with: eight.highHalf, where: eight.highHalf .> eight.lowHalf)
        let two = four.lowHalf.replacing(with: four.highHalf, where: four.highHalf .> four.lowHalf)
        return two[1] > two[0] ? two[1] : two[0]
    }

    /// `self + factor · x`, rounded once where the processor has an instruction for that.
    @inline(__always)
    func plus(_ factor: Float, times x: Self) -> Self {
        plus(Self(repeating: factor), times: x)
    }

    /// `self + a · b`, rounded once where the processor has an instruction for that.
    @inline(__always)
    func plus(_ a: Self, times b: Self) -> Self {
        fusesMultiplyAdd ? lockstep_multiply_add(a, b, self) : self + a * b
    }

    /// The larger of each two lanes; a NaN on either side wins, so that it is seen further on.
    @inline(__always)
    func larger(_ other: Self) -> Self {
        replacing(with: other, where: (other .> self) .| (other .!= other))
    }

    /// The smaller of each two lanes; a NaN on either side wins.
    @inline(__always)
    func smaller(_ other: Self) -> Self {
        replacing(with: other, where: (other .< self) .| (other .!= other))
    }
}

/// Calls `body` with the start of every 16 of `count` elements and the width there: 16, and less once at the end.
///
/// Inlined, the width is the constant 16 in the main loop, so loads and stores of `width` lanes cost nothing extra there.
@inline(__always)
func forEachLanes(of count: Int, _ body: (_ start: Int, _ width: Int) -> Void) {
    let whole = count & ~(Lanes.scalarCount - 1)
    var start = 0
    while start < whole {
        body(start, Lanes.scalarCount)
        start += Lanes.scalarCount
    }
    if start < count { body(start, count - start) }
}
