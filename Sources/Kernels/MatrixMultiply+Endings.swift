import CProcessor

// Products whose result is finished block by block while it is in the cache, instead of in passes of their own. The bits
// are those of the product and the kernels named, one after the other.

/// C = op(A) · op(B) + bias, and with an addend that plus C: ``addBias(_:bias:into:rows:columns:)`` and
/// ``add(_:_:into:)`` after a product.
///
/// A, B and C as in ``matrixMultiply(_:_:into:m:n:k:transposeA:transposeB:accumulate:pool:)``; `bias` is [n], `addend`
/// [m, n].
public func matrixMultiply(
    _ a: Span<Float>, _ b: Span<Float>, bias: Span<Float>, addend: Span<Float>? = nil,
    into c: inout MutableSpan<Float>, m: Int, n: Int, k: Int, transposeA: Bool = false, transposeB: Bool = false,
    pool: ThreadPool
) {
    require(bias.count, of: "the bias", is: n)
    unsafe bias.withAddress { bias in
        guard let addend else {
            return unsafe multiply(
                a, b, into: &c, m: m, n: n, k: k, transposeA: transposeA, transposeB: transposeB,
                ending: .sum(bias: bias, addend: nil), pool: pool)
        }
        require(addend.count, of: "the addend", is: m * n)
        unsafe addend.withAddress { addend in
            unsafe multiply(
                a, b, into: &c, m: m, n: n, k: k, transposeA: transposeA, transposeB: transposeB,
                ending: .sum(bias: bias, addend: addend), pool: pool)
        }
    }
}

/// C = max(op(A) · op(B) + bias, 0): ``relu(_:into:)`` after a product with a bias.
public func matrixMultiplyReLU(
    _ a: Span<Float>, _ b: Span<Float>, bias: Span<Float>, into c: inout MutableSpan<Float>, m: Int, n: Int, k: Int,
    transposeA: Bool = false, transposeB: Bool = false, pool: ThreadPool
) {
    require(bias.count, of: "the bias", is: n)
    unsafe bias.withAddress { bias in
        unsafe multiply(
            a, b, into: &c, m: m, n: n, k: k, transposeA: transposeA, transposeB: transposeB,
            ending: .relu(bias: bias), pool: pool)
    }
}

/// C = op(A) · op(B) + bias, and `activated` = ``gelu(_:into:pool:)`` of it, [m, n] too.
public func matrixMultiplyGELU(
    _ a: Span<Float>, _ b: Span<Float>, bias: Span<Float>, into c: inout MutableSpan<Float>,
    activated: inout MutableSpan<Float>, m: Int, n: Int, k: Int, transposeA: Bool = false, transposeB: Bool = false,
    pool: ThreadPool
) {
    require(bias.count, of: "the bias", is: n)
    require(activated.count, of: "the activated result", is: m * n)
    unsafe bias.withAddress { bias in
        unsafe activated.withAddress { activated in
            unsafe multiply(
                a, b, into: &c, m: m, n: n, k: k, transposeA: transposeA, transposeB: transposeB,
                ending: .gelu(bias: bias, activated: activated), pool: pool)
        }
    }
}

/// C = op(A) · op(B) times the slope of GELU at x, [m, n]: ``geluGradient(_:x:into:pool:)`` of a product.
public func matrixMultiplyGELUGradient(
    _ a: Span<Float>, _ b: Span<Float>, x: Span<Float>, into c: inout MutableSpan<Float>, m: Int, n: Int, k: Int,
    transposeA: Bool = false, transposeB: Bool = false, pool: ThreadPool
) {
    require(x.count, of: "x", is: m * n)
    unsafe x.withAddress { x in
        unsafe multiply(
            a, b, into: &c, m: m, n: n, k: k, transposeA: transposeA, transposeB: transposeB,
            ending: .geluGradient(x: x), pool: pool)
    }
}

/// What becomes of a product's elements once they are complete.
@unsafe enum ProductEnding {
    case none
    case sum(bias: UnsafePointer<Float>, addend: UnsafePointer<Float>?)
    case relu(bias: UnsafePointer<Float>)
    case gelu(bias: UnsafePointer<Float>, activated: UnsafeMutablePointer<Float>)
    case geluGradient(x: UnsafePointer<Float>)

    /// Asks for what ``finish(_:n:rows:columns:)`` will read or write besides C: rows far apart, which the processor does
    /// not guess. While the tile is computed they come.
    @inline(__always)
    func prefetch(n: Int, rows: Range<Int>, columns: Range<Int>) {
        let block = Block(n: n, rows: rows, columns: columns)
        switch unsafe self {
        case .none, .sum(_, .none), .relu: break
        case .sum(_, .some(let matrix)), .geluGradient(let matrix):
            block.forEachLanes { place, _, _ in unsafe lockstep_prefetch_for_reading(matrix + place) }
        case .gelu(_, let activated):
            block.forEachLanes { place, _, _ in unsafe lockstep_prefetch_for_writing(activated + place) }
        }
    }

    /// Finishes the elements of C, [m, n], in `rows` and `columns`.
    func finish(_ c: UnsafeMutablePointer<Float>, n: Int, rows: Range<Int>, columns: Range<Int>) {
        let block = Block(n: n, rows: rows, columns: columns)
        switch unsafe self {
        case .none: break
        case .sum(let bias, .none):
            block.forEachLanes { place, column, width in
                unsafe (Lanes(at: c + place, width: width) + Lanes(at: bias + column, width: width))
                    .store(to: c + place, width: width)
            }
        case .sum(let bias, .some(let addend)):
            block.forEachLanes { place, column, width in
                let sum = unsafe Lanes(at: c + place, width: width) + Lanes(at: bias + column, width: width)
                unsafe (sum + Lanes(at: addend + place, width: width)).store(to: c + place, width: width)
            }
        case .relu(let bias):
            block.forEachLanes { place, column, width in
                let sum = unsafe Lanes(at: c + place, width: width) + Lanes(at: bias + column, width: width)
                unsafe rectified(sum).store(to: c + place, width: width)
            }
        case .gelu(let bias, let activated):
            block.forEachLanes { place, column, width in
                let sum = unsafe Lanes(at: c + place, width: width) + Lanes(at: bias + column, width: width)
                unsafe sum.store(to: c + place, width: width)
                unsafe gaussianGated(sum).store(to: activated + place, width: width)
            }
        case .geluGradient(let x):
            block.forEachLanes { place, _, width in
                let slope = unsafe slopeOfGELU(Lanes(at: x + place, width: width))
                unsafe (Lanes(at: c + place, width: width) * slope).store(to: c + place, width: width)
            }
        }
    }
}

/// Some rows and columns of a matrix that has `n` columns.
private struct Block {
    let n: Int
    let rows: Range<Int>
    let columns: Range<Int>

    /// Calls `body` with the place of every 16 elements of a row in the matrix, their first column, and how many they are.
    ///
    /// `body` stands here once, so that it is inlined however long it is, its constants loaded before the loops.
    @inline(__always)
    func forEachLanes(_ body: (_ place: Int, _ column: Int, _ width: Int) -> Void) {
        for row in rows {
            var column = columns.lowerBound
            while column < columns.upperBound {
                body(row &* n &+ column, column, min(Lanes.scalarCount, columns.upperBound &- column))
                column &+= Lanes.scalarCount
            }
        }
    }
}
