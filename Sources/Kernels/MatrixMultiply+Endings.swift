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

    /// Finishes the elements of C, [m, n], in `rows` and `columns`.
    func finish(_ result: UnsafeMutablePointer<Float>, n: Int, rows: Range<Int>, columns: Range<Int>) {
        for row in rows {
            let start = row * n + columns.lowerBound
            unsafe finish(result + start, at: start, column: columns.lowerBound, count: columns.count)
        }
    }

    /// Finishes `count` elements at `c`, which begin at `start` in C.
    @inline(__always)
    private func finish(_ c: UnsafeMutablePointer<Float>, at start: Int, column: Int, count: Int) {
        switch unsafe self {
        case .none: break
        case .sum(let bias, .none):
            forEachLanes(of: count) { j, width in
                unsafe (Lanes(at: c + j, width: width) + Lanes(at: bias + column + j, width: width))
                    .store(to: c + j, width: width)
            }
        case .sum(let bias, .some(let addend)):
            forEachLanes(of: count) { j, width in
                let sum = unsafe Lanes(at: c + j, width: width) + Lanes(at: bias + column + j, width: width)
                unsafe (sum + Lanes(at: addend + start + j, width: width)).store(to: c + j, width: width)
            }
        case .relu(let bias):
            forEachLanes(of: count) { j, width in
                let sum = unsafe Lanes(at: c + j, width: width) + Lanes(at: bias + column + j, width: width)
                unsafe rectified(sum).store(to: c + j, width: width)
            }
        case .gelu(let bias, let activated):
            forEachLanes(of: count) { j, width in
                let sum = unsafe Lanes(at: c + j, width: width) + Lanes(at: bias + column + j, width: width)
                unsafe sum.store(to: c + j, width: width)
                unsafe gaussianGated(sum).store(to: activated + start + j, width: width)
            }
        case .geluGradient(let x):
            forEachLanes(of: count) { j, width in
                let slope = unsafe slopeOfGELU(Lanes(at: x + start + j, width: width))
                unsafe (Lanes(at: c + j, width: width) * slope).store(to: c + j, width: width)
            }
        }
    }
}
