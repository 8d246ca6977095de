extension Span where Element: BitwiseCopyable {
    /// Calls `body` with the address of the first element: the way from a kernel's door to its loop.
    @inlinable @inline(__always)
    package func withAddress<Result>(_ body: (UnsafePointer<Element>) -> Result) -> Result {
        unsafe withUnsafeBufferPointer { elements in
            // An empty span may have no address; any will do, for nothing is read from it.
            unsafe body(elements.baseAddress ?? UnsafePointer(emptyAddress.assumingMemoryBound(to: Element.self)))
        }
    }
}

extension MutableSpan where Element: BitwiseCopyable {
    /// Calls `body` with the address of the first element: the way from a kernel's door to its loop.
    @inlinable @inline(__always)
    package mutating func withAddress<Result>(_ body: (UnsafeMutablePointer<Element>) -> Result) -> Result {
        unsafe withUnsafeMutableBufferPointer { elements in
            unsafe body(elements.baseAddress ?? emptyAddress.assumingMemoryBound(to: Element.self))
        }
    }
}

/// The address passed for spans without elements; aligned for any element, never read or written.
@inlinable @inline(__always)
package var emptyAddress: UnsafeMutableRawPointer {
    unsafe UnsafeMutableRawPointer(bitPattern: MemoryLayout<Lanes>.alignment).unsafelyUnwrapped
}
