// Every kernel here works element by element, so its result may be the memory of one of its inputs.

/// Adds two arrays: `result = a + b`.
public func add(_ a: Span<Float>, _ b: Span<Float>, into result: inout MutableSpan<Float>) {
    mapLanes(a, b, into: &result) { $0 + $1 }
}

/// Adds two arrays, spread over the threads: `result = a + b`.
public func add(_ a: Span<Float>, _ b: Span<Float>, into result: inout MutableSpan<Float>, pool: ThreadPool) {
    mapLanes(a, b, into: &result, pool: pool) { $0 + $1 }
}

/// Subtracts two arrays: `result = a − b`.
public func subtract(_ a: Span<Float>, _ b: Span<Float>, into result: inout MutableSpan<Float>) {
    mapLanes(a, b, into: &result) { $0 - $1 }
}

/// Multiplies two arrays: `result = a · b`.
public func multiply(_ a: Span<Float>, _ b: Span<Float>, into result: inout MutableSpan<Float>) {
    mapLanes(a, b, into: &result) { $0 * $1 }
}

/// Divides two arrays: `result = a / b`.
public func divide(_ a: Span<Float>, _ b: Span<Float>, into result: inout MutableSpan<Float>) {
    mapLanes(a, b, into: &result) { $0 / $1 }
}

/// Takes the larger of each two elements; NaN where either is NaN.
public func maximum(_ a: Span<Float>, _ b: Span<Float>, into result: inout MutableSpan<Float>) {
    mapLanes(a, b, into: &result) { $0.larger($1) }
}

/// Takes the smaller of each two elements; NaN where either is NaN.
public func minimum(_ a: Span<Float>, _ b: Span<Float>, into result: inout MutableSpan<Float>) {
    mapLanes(a, b, into: &result) { $0.smaller($1) }
}

/// Multiplies an array by a number: `result = x · factor`.
public func scale(_ x: Span<Float>, by factor: Float, into result: inout MutableSpan<Float>) {
    mapLanes(x, into: &result) { $0 * factor }
}

/// Adds a number to an array: `result = x + scalar`.
public func addScalar(_ x: Span<Float>, _ scalar: Float, into result: inout MutableSpan<Float>) {
    mapLanes(x, into: &result) { $0 + scalar }
}

/// Negates an array: `result = −x`.
public func negate(_ x: Span<Float>, into result: inout MutableSpan<Float>) {
    // A product: the minus sign of vectors is 0 − x, which makes 0 of 0 where −0 is meant.
    mapLanes(x, into: &result) { $0 * -1 }
}

/// Squares an array: `result = x²`.
public func square(_ x: Span<Float>, into result: inout MutableSpan<Float>) {
    mapLanes(x, into: &result) { $0 * $0 }
}

/// Takes square roots, correctly rounded; NaN below zero.
public func sqrt(_ x: Span<Float>, into result: inout MutableSpan<Float>) {
    mapLanes(x, into: &result) { $0.squareRoot() }
}

/// Takes reciprocals, correctly rounded: `result = 1 / x`.
public func reciprocal(_ x: Span<Float>, into result: inout MutableSpan<Float>) {
    mapLanes(x, into: &result) { 1 / $0 }
}

/// Copies an array.
public func copy(_ x: Span<Float>, into result: inout MutableSpan<Float>) {
    mapLanes(x, into: &result) { $0 }
}

/// Sets every element to `value`.
public func fill(_ result: inout MutableSpan<Float>, with value: Float) {
    let count = result.count
    unsafe result.withAddress { result in
        forEachLanes(of: count) { i, width in
            unsafe Lanes(repeating: value).store(to: result + i, width: width)
        }
    }
}

/// Adds a multiple of one array to another: `y += a · x`, each element rounded once where the
/// processor can.
public func axpy(_ a: Float, _ x: Span<Float>, into y: inout MutableSpan<Float>) {
    let count = y.count
    require(x.count, of: "x", is: count)
    unsafe x.withAddress { x in
        unsafe y.withAddress { y in
            forEachLanes(of: count) { i, width in
                let sum = unsafe Lanes(at: y + i, width: width)
                    .plus(a, times: Lanes(at: x + i, width: width))
                unsafe sum.store(to: y + i, width: width)
            }
        }
    }
}

/// Writes `transform` of each lane of `x` to `result`: the door of all kernels of one array.
@inlinable @inline(__always)
package func mapLanes(
    _ x: Span<Float>, into result: inout MutableSpan<Float>, kernel: StaticString = #function,
    _ transform: (Lanes) -> Lanes
) {
    let count = x.count
    require(result.count, of: "the result", is: count, in: kernel)
    unsafe x.withAddress { x in
        unsafe result.withAddress { result in
            forEachLanes(of: count) { i, width in
                unsafe transform(Lanes(at: x + i, width: width)).store(to: result + i, width: width)
            }
        }
    }
}

/// Writes `transform` of each two lanes of `a` and `b` to `result`: the door of all kernels of two arrays.
@inlinable @inline(__always)
package func mapLanes(
    _ a: Span<Float>, _ b: Span<Float>, into result: inout MutableSpan<Float>, kernel: StaticString = #function,
    _ transform: (Lanes, Lanes) -> Lanes
) {
    let count = a.count
    require(b.count, of: "the second array", is: count, in: kernel)
    require(result.count, of: "the result", is: count, in: kernel)
    unsafe withAddresses(a, b) { a, b in
        unsafe result.withAddress { result in
            forEachLanes(of: count) { i, width in
                let lanes = unsafe transform(Lanes(at: a + i, width: width), Lanes(at: b + i, width: width))
                unsafe lanes.store(to: result + i, width: width)
            }
        }
    }
}

/// The same spread over the threads; `transform` captures nothing.
@inlinable @inline(__always)
package func mapLanes(
    _ a: Span<Float>, _ b: Span<Float>, into result: inout MutableSpan<Float>, pool: ThreadPool,
    kernel: StaticString = #function, _ transform: @escaping (Lanes, Lanes) -> Lanes
) {
    let count = a.count
    require(b.count, of: "the second array", is: count, in: kernel)
    require(result.count, of: "the result", is: count, in: kernel)
    unsafe withAddresses(a, b) { a, b in
        unsafe result.withAddress { result in
            unsafe pool.forEachChunk(of: count, with: (a, b, result)) { arrays, chunk in
                let (a, b) = unsafe (arrays.0 + chunk.lowerBound, arrays.1 + chunk.lowerBound)
                let result = unsafe arrays.2 + chunk.lowerBound
                forEachLanes(of: chunk.count) { i, width in
                    let lanes = unsafe transform(Lanes(at: a + i, width: width), Lanes(at: b + i, width: width))
                    unsafe lanes.store(to: result + i, width: width)
                }
            }
        }
    }
}
