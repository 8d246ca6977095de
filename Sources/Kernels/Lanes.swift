public import CProcessor

/// The vector every kernel computes on: 16 floats, one register of AVX-512, two of AVX2, four of NEON.
@usableFromInline
package typealias Lanes = SIMD16<Float>

// A constant of the instruction set compiled for; as a function, so that the branch not taken is no warning.
@inlinable @inline(__always)
package var fusesMultiplyAdd: Bool { LOCKSTEP_HAS_MULTIPLY_ADD == 1 }

extension SIMD16<Float> {
    /// The 16 floats at `address`, which needs no alignment.
    @inlinable @inline(__always)
    package init(at address: UnsafePointer<Float>) {
        self = unsafe UnsafeRawPointer(address).loadUnaligned(as: Self.self)
    }

    /// The first `width` of 16 floats at `address`, the other lanes holding `padding`.
    @inlinable @inline(__always)
    package init(at address: UnsafePointer<Float>, width: Int, padding: Float = 0) {
        guard width < Self.scalarCount else {
            unsafe self.init(at: address)
            return
        }
        unsafe self.init(atFirst: width, of: address)
        guard padding != 0 else { return }
        for lane in width..<Self.scalarCount { self[lane] = padding }
    }

    /// The first `width` of 16 floats at `address`, the other lanes zero: one instruction where vectors have masks.
    @inlinable @inline(__always)
    package init(atFirst width: Int, of address: UnsafePointer<Float>) {
        self = unsafe lockstep_load_first(address, Int32(truncatingIfNeeded: width))
    }

    /// Writes all lanes to `address`, which needs no alignment.
    @inlinable @inline(__always)
    package func store(to address: UnsafeMutablePointer<Float>) {
        unsafe UnsafeMutableRawPointer(address).storeBytes(of: self, as: Self.self)
    }

    /// Writes the first `width` lanes to `address` and nothing behind them.
    @inlinable @inline(__always)
    package func store(to address: UnsafeMutableRawPointer, width: Int) {
        guard width < Self.scalarCount else { return unsafe address.storeBytes(of: self, as: Self.self) }
        unsafe store(toFirst: width, of: address)
    }

    /// The same: one instruction where vectors have masks.
    @inlinable @inline(__always)
    package func store(toFirst width: Int, of address: UnsafeMutableRawPointer) {
        unsafe lockstep_store_first(address, Int32(truncatingIfNeeded: width), self)
    }

    /// The sum of the lanes, by halves: the order is fixed, so the result has the same bits in every run.
    @inlinable @inline(__always)
    package var sumOfLanes: Float {
        let eight = lowHalf + highHalf
        let four = eight.lowHalf + eight.highHalf
        let two = four.lowHalf + four.highHalf
        return two[0] + two[1]
    }

    /// The bit patterns of the lanes.
    @inlinable @inline(__always)
    package var bits: SIMD16<Int32> { unsafe unsafeBitCast(self, to: SIMD16<Int32>.self) }

    /// The lanes with these bit patterns.
    @inlinable @inline(__always)
    package init(bits: SIMD16<Int32>) { unsafe self = unsafeBitCast(bits, to: Self.self) }

    /// The lanes of `other` where those of `signs` are negative, the own elsewhere; a NaN in `signs` takes either.
    ///
    /// Where speed counts this stands in for `replacing(with:where:)`, which the compiler makes of narrower vectors.
    @inlinable @inline(__always)
    package func choosing(_ other: Self, whereNegative signs: Self) -> Self {
        lockstep_choose(self, other, signs)
    }

    /// `self / other`; for speed, like ``choosing(_:whereNegative:)``.
    @inlinable @inline(__always)
    package func divided(by other: Self) -> Self { lockstep_divide(self, other) }

    /// All bits of the lanes that are less than those of `other`, none of the others.
    @inlinable @inline(__always)
    package func isLess(than other: Self) -> SIMD16<Int32> { lockstep_is_less(self, other) }

    /// The largest lane; of no use where one may be NaN.
    @inlinable @inline(__always)
    package var largestLane: Float {
        let eight = lowHalf.replacing(with: highHalf, where: highHalf .> lowHalf)
        let four = eight.lowHalf.replacing(with: eight.highHalf, where: eight.highHalf .> eight.lowHalf)
        let two = four.lowHalf.replacing(with: four.highHalf, where: four.highHalf .> four.lowHalf)
        return two[1] > two[0] ? two[1] : two[0]
    }

    /// `self + factor · x`, rounded once where the processor has an instruction for that.
    @inlinable @inline(__always)
    package func plus(_ factor: Float, times x: Self) -> Self {
        plus(Self(repeating: factor), times: x)
    }

    /// `self + a · b`, rounded once where the processor has an instruction for that.
    @inlinable @inline(__always)
    package func plus(_ a: Self, times b: Self) -> Self {
        fusesMultiplyAdd ? lockstep_multiply_add(a, b, self) : self + a * b
    }

    /// The larger of each two lanes; a NaN on either side wins, so that it is seen further on.
    @inlinable @inline(__always)
    package func larger(_ other: Self) -> Self {
        replacing(with: other, where: (other .> self) .| (other .!= other))
    }

    /// The smaller of each two lanes; a NaN on either side wins.
    @inlinable @inline(__always)
    package func smaller(_ other: Self) -> Self {
        replacing(with: other, where: (other .< self) .| (other .!= other))
    }
}

/// Calls `body` with the start of every 16 of `count` elements and the width there: 16, and less once at the end.
///
/// Inlined, the width is the constant 16 in the main loop, so loads and stores of `width` lanes cost nothing extra there.
@inlinable @inline(__always)
package func forEachLanes(of count: Int, _ body: (_ start: Int, _ width: Int) -> Void) {
    let whole = count & ~(Lanes.scalarCount - 1)
    var start = 0
    while start < whole {
        body(start, Lanes.scalarCount)
        start += Lanes.scalarCount
    }
    if start < count { body(start, count - start) }
}
