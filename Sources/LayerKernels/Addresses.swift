import Kernels

// The way from a kernel's door to its loop for several arrays at once.

typealias ReadAddress = UnsafePointer<Float>
typealias WriteAddress = UnsafeMutablePointer<Float>

/// Calls `body` with the addresses of two arrays.
@inline(__always)
func withAddresses<Result>(
    _ a: Span<Float>, _ b: Span<Float>, _ body: (ReadAddress, ReadAddress) -> Result
) -> Result {
    unsafe a.withAddress { a in unsafe b.withAddress { b in unsafe body(a, b) } }
}

/// Calls `body` with the addresses of three arrays.
@inline(__always)
func withAddresses<Result>(
    _ a: Span<Float>, _ b: Span<Float>, _ c: Span<Float>, _ body: (ReadAddress, ReadAddress, ReadAddress) -> Result
) -> Result {
    unsafe withAddresses(a, b) { a, b in unsafe c.withAddress { c in unsafe body(a, b, c) } }
}

/// Calls `body` with the addresses of four arrays.
@inline(__always)
func withAddresses<Result>(
    _ a: Span<Float>, _ b: Span<Float>, _ c: Span<Float>, _ d: Span<Float>,
    _ body: (ReadAddress, ReadAddress, ReadAddress, ReadAddress) -> Result
) -> Result {
    unsafe withAddresses(a, b) { a, b in unsafe withAddresses(c, d) { c, d in unsafe body(a, b, c, d) } }
}

/// Calls `body` with the addresses of five arrays.
@inline(__always)
func withAddresses<Result>(
    _ a: Span<Float>, _ b: Span<Float>, _ c: Span<Float>, _ d: Span<Float>, _ e: Span<Float>,
    _ body: (ReadAddress, ReadAddress, ReadAddress, ReadAddress, ReadAddress) -> Result
) -> Result {
    unsafe withAddresses(a, b) { a, b in
        unsafe withAddresses(c, d, e) { c, d, e in unsafe body(a, b, c, d, e) }
    }
}

/// Calls `body` with the addresses of two arrays that it writes.
@inline(__always)
func withTargets<Result>(
    _ a: inout MutableSpan<Float>, _ b: inout MutableSpan<Float>, _ body: (WriteAddress, WriteAddress) -> Result
) -> Result {
    unsafe a.withAddress { a in unsafe b.withAddress { b in unsafe body(a, b) } }
}

/// Calls `body` with the addresses of three arrays that it writes.
@inline(__always)
func withTargets<Result>(
    _ a: inout MutableSpan<Float>, _ b: inout MutableSpan<Float>, _ c: inout MutableSpan<Float>,
    _ body: (WriteAddress, WriteAddress, WriteAddress) -> Result
) -> Result {
    unsafe withTargets(&a, &b) { a, b in unsafe c.withAddress { c in unsafe body(a, b, c) } }
}
