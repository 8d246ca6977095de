/// Cuts `count` elements into pieces of at most `largest`.
///
/// No elements are one empty piece, so that MPI still sees the call and checks its arguments.
func pieces(of count: Int, atMost largest: Int) -> some Sequence<Range<Int>> {
    stride(from: 0, to: max(count, 1), by: largest).lazy.map { $0..<min($0 + largest, count) }
}

extension UnsafeBufferPointer {
    /// The address of the element at `offset`; null if there is no memory at all, which MPI accepts for no elements.
    func address(of offset: Int) -> UnsafeRawPointer? {
        unsafe baseAddress.map { unsafe UnsafeRawPointer($0 + offset) }
    }
}

extension UnsafeMutableBufferPointer {
    /// The address of the element at `offset`; null if there is no memory at all, which MPI accepts for no elements.
    func address(of offset: Int) -> UnsafeMutableRawPointer? {
        unsafe baseAddress.map { unsafe UnsafeMutableRawPointer($0 + offset) }
    }
}
