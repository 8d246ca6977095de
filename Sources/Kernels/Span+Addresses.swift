// The way from a kernel's door to its loop for several arrays at once.

/// Calls `body` with the addresses of two arrays.
@inlinable @inline(__always)
package func withAddresses<A: BitwiseCopyable, B: BitwiseCopyable, Result>(
    _ a: Span<A>, _ b: Span<B>, _ body: (UnsafePointer<A>, UnsafePointer<B>) -> Result
) -> Result {
    unsafe a.withAddress { a in unsafe b.withAddress { b in unsafe body(a, b) } }
}

/// Calls `body` with the addresses of three arrays.
@inlinable @inline(__always)
package func withAddresses<A: BitwiseCopyable, B: BitwiseCopyable, C: BitwiseCopyable, Result>(
    _ a: Span<A>, _ b: Span<B>, _ c: Span<C>,
    _ body: (UnsafePointer<A>, UnsafePointer<B>, UnsafePointer<C>) -> Result
) -> Result {
    unsafe withAddresses(a, b) { a, b in unsafe c.withAddress { c in unsafe body(a, b, c) } }
}

/// Calls `body` with the addresses of four arrays.
@inlinable @inline(__always)
package func withAddresses<Result>(
    _ a: Span<Float>, _ b: Span<Float>, _ c: Span<Float>, _ d: Span<Float>,
    _ body: (UnsafePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>) -> Result
) -> Result {
    unsafe withAddresses(a, b) { a, b in unsafe withAddresses(c, d) { c, d in unsafe body(a, b, c, d) } }
}

/// Calls `body` with the addresses of five arrays.
@inlinable @inline(__always)
package func withAddresses<Result>(
    _ a: Span<Float>, _ b: Span<Float>, _ c: Span<Float>, _ d: Span<Float>, _ e: Span<Float>,
    _ body: (
        UnsafePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>
    ) -> Result
) -> Result {
    unsafe withAddresses(a, b) { a, b in
        unsafe withAddresses(c, d, e) { c, d, e in unsafe body(a, b, c, d, e) }
    }
}

/// Calls `body` with the addresses of two arrays that it writes.
@inlinable @inline(__always)
package func withTargets<A: BitwiseCopyable, B: BitwiseCopyable, Result>(
    _ a: inout MutableSpan<A>, _ b: inout MutableSpan<B>,
    _ body: (UnsafeMutablePointer<A>, UnsafeMutablePointer<B>) -> Result
) -> Result {
    unsafe a.withAddress { a in unsafe b.withAddress { b in unsafe body(a, b) } }
}

/// Calls `body` with the addresses of three arrays that it writes.
@inlinable @inline(__always)
package func withTargets<A: BitwiseCopyable, B: BitwiseCopyable, C: BitwiseCopyable, Result>(
    _ a: inout MutableSpan<A>, _ b: inout MutableSpan<B>, _ c: inout MutableSpan<C>,
    _ body: (UnsafeMutablePointer<A>, UnsafeMutablePointer<B>, UnsafeMutablePointer<C>) -> Result
) -> Result {
    unsafe withTargets(&a, &b) { a, b in unsafe c.withAddress { c in unsafe body(a, b, c) } }
}
