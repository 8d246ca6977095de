import CProcessor

/// The innermost loop: a tile of C, 12 rows by two vectors, whose sums stay in registers while k runs.
///
/// 24 sums, two vectors of B and one element of A fill 27 of the 32 registers of AVX-512 and ARM64, and each element of
/// A loaded feeds two multiply-adds. Where there are 16 registers, the 12 rows are done as twice 6.
enum Tile {
    /// The rows of a tile, and the width of a panel of A.
    @inline(__always)
    static var rows: Int { 12 }

    /// The rows that one ``SixRows`` sums.
    @inline(__always)
    static var halfRows: Int { 6 }

    /// The columns of a tile, and the width of a panel of B: two of the processor's vectors.
    @inline(__always)
    static var columns: Int { 2 * lanes }

    // Constants of the instruction set compiled for, so that the branches not taken leave no code.

    @inline(__always)
    private static var lanes: Int { Int(LOCKSTEP_VECTOR_LANES) }

    /// Whether vectors have masks, so that there is an ``EdgeTile`` for any number of rows and columns.
    @inline(__always)
    static var hasMasks: Bool { lanes == 16 }

    @inline(__always)
    fileprivate static var fitsRegisters: Bool { LOCKSTEP_VECTOR_REGISTERS == 32 }

    @inline(__always)
    fileprivate static var fusesMultiplyAdd: Bool { LOCKSTEP_HAS_MULTIPLY_ADD == 1 }

    /// `count` rounded up to a multiple of `unit`.
    @inline(__always)
    static func padded(_ count: Int, to unit: Int) -> Int {
        (count + unit - 1) / unit * unit
    }

    /// Writes the product of two panels to the `rows` by `columns` elements at `result`, or adds it.
    ///
    /// Narrow tiles take narrower vectors. Each element is the same chain of multiply-adds along k whichever is taken.
    static func multiply(
        _ left: Panel, _ right: Panel, depth: Int, rows: Int, columns: Int,
        into result: UnsafeMutablePointer<Float>, stride: Int, accumulate: Bool
    ) {
        let isWhole = (rows == Tile.rows || rows == halfRows) && (columns == Tile.columns || columns == lanes)
        guard isWhole || !hasMasks else {
            let edge = unsafe EdgeTile(
                left: left, right: right, depth: depth, columns: columns, result: result, stride: stride,
                accumulate: accumulate)
            return unsafe edge.multiply(rows: rows)
        }
        let tile = unsafe TileProduct(left: left, right: right, depth: depth, rows: rows, columns: columns)
        if lanes >= 16 && columns > 16 {
            unsafe tile.multiply(SIMD16<Float>.self, into: result, stride: stride, accumulate: accumulate)
        } else if lanes >= 8 && columns > 8 {
            unsafe tile.multiply(SIMD8<Float>.self, into: result, stride: stride, accumulate: accumulate)
        } else {
            unsafe tile.multiply(SIMD4<Float>.self, into: result, stride: stride, accumulate: accumulate)
        }
    }
}

@unsafe private struct TileProduct {
    let left: Panel
    let right: Panel
    let depth: Int
    let rows: Int
    let columns: Int

    @inline(__always)
    func multiply<V: FloatVector>(
        _ vector: V.Type, into result: UnsafeMutablePointer<Float>, stride: Int, accumulate: Bool
    ) {
        let width = 2 * V.scalarCount
        if unsafe columns == width && (rows == Tile.rows || rows == Tile.halfRows) {
            return unsafe multiplyWhole(vector, into: result, stride: stride, accumulate: accumulate)
        }
        // At an edge, without masks, the full tile is computed aside, and what belongs to C is copied. The array has room
        // for 12 rows of 32 and lies on the stack; a temporary allocation of this size would come from the heap.
        var tile = InlineArray<384, Float>(repeating: 0)
        var elements = tile.mutableSpan
        unsafe elements.withAddress { aside in
            unsafe multiplyWhole(vector, into: aside, stride: width, accumulate: false)
            for row in unsafe 0..<rows {
                let (from, to) = unsafe (aside + row * width, result + row * stride)
                for column in unsafe 0..<columns {
                    unsafe to[column] = accumulate ? to[column] + from[column] : from[column]
                }
            }
        }
    }

    @inline(__always)
    private func multiplyWhole<V: FloatVector>(
        _ vector: V.Type, into result: UnsafeMutablePointer<Float>, stride: Int, accumulate: Bool
    ) {
        // The rows of C lie far apart, where the processor does not guess them: asked for now, they are there at the end.
        // 64 multiply-adds of depth take longer than the lines; before a shorter sum they would only be in the way.
        if unsafe depth >= 64 {
            for row in unsafe 0..<rows {
                unsafe lockstep_prefetch_for_writing(result + row * stride)
                unsafe lockstep_prefetch_for_writing(result + row * stride + V.scalarCount)
            }
        }
        // With the stride a constant, the addresses of a packed panel are constants too.
        if unsafe left.laneStride == 1 {
            unsafe multiplyRows(vector, laneStride: 1, into: result, stride: stride, accumulate: accumulate)
        } else {
            unsafe multiplyRows(
                vector, laneStride: left.laneStride, into: result, stride: stride, accumulate: accumulate)
        }
    }

    @inline(__always)
    private func multiplyRows<V: FloatVector>(
        _ vector: V.Type, laneStride: Int, into result: UnsafeMutablePointer<Float>, stride: Int, accumulate: Bool
    ) {
        let (address, half) = unsafe (left.address, Tile.halfRows)
        if unsafe rows <= half {
            unsafe sixRows(vector, address, laneStride, into: result, stride, accumulate)
        } else if Tile.fitsRegisters {
            unsafe twelveRows(vector, address, laneStride, into: result, stride, accumulate)
        } else {
            unsafe sixRows(vector, address, laneStride, into: result, stride, accumulate)
            unsafe sixRows(
                vector, address + half * laneStride, laneStride, into: result + half * stride, stride, accumulate)
        }
    }

    @inline(__always)
    private func twelveRows<V: FloatVector>(
        _ vector: V.Type, _ left: UnsafePointer<Float>, _ laneStride: Int,
        into result: UnsafeMutablePointer<Float>, _ stride: Int, _ accumulate: Bool
    ) {
        var upper = SixRows<V>()
        var lower = SixRows<V>()
        var (left, right) = unsafe (left, self.right.address)
        for _ in unsafe 0..<depth {
            let (first, second) = unsafe (V.load(right), V.load(right + V.scalarCount))
            unsafe upper.add(left, laneStride, first, second)
            unsafe lower.add(left + Tile.halfRows * laneStride, laneStride, first, second)
            unsafe left += self.left.depthStride
            unsafe right += self.right.depthStride
        }
        unsafe upper.write(to: result, stride, accumulate)
        unsafe lower.write(to: result + Tile.halfRows * stride, stride, accumulate)
    }

    @inline(__always)
    private func sixRows<V: FloatVector>(
        _ vector: V.Type, _ left: UnsafePointer<Float>, _ laneStride: Int,
        into result: UnsafeMutablePointer<Float>, _ stride: Int, _ accumulate: Bool
    ) {
        var sums = SixRows<V>()
        var (left, right) = unsafe (left, self.right.address)
        for _ in unsafe 0..<depth {
            let (first, second) = unsafe (V.load(right), V.load(right + V.scalarCount))
            unsafe sums.add(left, laneStride, first, second)
            unsafe left += self.left.depthStride
            unsafe right += self.right.depthStride
        }
        unsafe sums.write(to: result, stride, accumulate)
    }
}

/// The sums of six rows by two vectors. Named one by one, because only then do they stay in registers.
private struct SixRows<V: FloatVector> {
    private var sum00 = V.zero, sum01 = V.zero
    private var sum10 = V.zero, sum11 = V.zero
    private var sum20 = V.zero, sum21 = V.zero
    private var sum30 = V.zero, sum31 = V.zero
    private var sum40 = V.zero, sum41 = V.zero
    private var sum50 = V.zero, sum51 = V.zero

    @inline(__always)
    init() {}

    /// Adds the products of an element of each row with two vectors of columns.
    @inline(__always)
    mutating func add(_ left: UnsafePointer<Float>, _ stride: Int, _ first: V, _ second: V) {
        unsafe Self.add(left[0], first, second, to: &sum00, &sum01)
        unsafe Self.add(left[stride], first, second, to: &sum10, &sum11)
        unsafe Self.add(left[2 * stride], first, second, to: &sum20, &sum21)
        unsafe Self.add(left[3 * stride], first, second, to: &sum30, &sum31)
        unsafe Self.add(left[4 * stride], first, second, to: &sum40, &sum41)
        unsafe Self.add(left[5 * stride], first, second, to: &sum50, &sum51)
    }

    @inline(__always)
    private static func add(_ factor: Float, _ first: V, _ second: V, to sum0: inout V, _ sum1: inout V) {
        let factors = V(repeating: factor)
        if Tile.fusesMultiplyAdd {
            sum0 = sum0.addingProduct(factors, first)
            sum1 = sum1.addingProduct(factors, second)
        } else {
            sum0 += factors * first
            sum1 += factors * second
        }
    }

    /// Writes the rows to C, or adds them.
    @inline(__always)
    func write(to result: UnsafeMutablePointer<Float>, _ stride: Int, _ accumulate: Bool) {
        unsafe Self.write(sum00, sum01, to: result, accumulate)
        unsafe Self.write(sum10, sum11, to: result + stride, accumulate)
        unsafe Self.write(sum20, sum21, to: result + 2 * stride, accumulate)
        unsafe Self.write(sum30, sum31, to: result + 3 * stride, accumulate)
        unsafe Self.write(sum40, sum41, to: result + 4 * stride, accumulate)
        unsafe Self.write(sum50, sum51, to: result + 5 * stride, accumulate)
    }

    @inline(__always)
    private static func write(_ first: V, _ second: V, to result: UnsafeMutablePointer<Float>, _ accumulate: Bool) {
        let next = unsafe result + V.scalarCount
        unsafe (accumulate ? V.load(result) + first : first).store(result)
        unsafe (accumulate ? V.load(next) + second : second).store(next)
    }
}

/// A vector of floats that can be read and written at any address.
protocol FloatVector: SIMD, BitwiseCopyable where Scalar == Float {}

extension SIMD16<Float>: FloatVector {}
extension SIMD8<Float>: FloatVector {}
extension SIMD4<Float>: FloatVector {}

extension FloatVector {
    @inline(__always)
    static func load(_ address: UnsafePointer<Float>) -> Self {
        unsafe UnsafeRawPointer(address).loadUnaligned(as: Self.self)
    }

    @inline(__always)
    func store(_ address: UnsafeMutablePointer<Float>) {
        unsafe UnsafeMutableRawPointer(address).storeBytes(of: self, as: Self.self)
    }
}
