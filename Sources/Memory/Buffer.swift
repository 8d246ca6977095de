/// A block of memory, 64-byte aligned and zeroed, freed when its last owner lets go.
///
/// Everything large in Lockstep lives in one of these: parameters, the arena of a compiled graph, the values of a
/// pending collective. Views of parts of it are ``Slice`` values, which keep it alive.
@safe public final class Buffer: @unchecked Sendable {
    // Unchecked: like any memory, a buffer can be written by one thread while another reads it. Who may touch which
    // part when is decided above (by the memory plan of a graph, by the owner of a pending collective).
    let base: UnsafeMutableRawPointer

    /// The size in bytes.
    public let byteCount: Int

    /// The alignment in bytes: a cache line, and the widest vector of any processor built for.
    public static let alignment = 64

    /// Makes a zeroed buffer of `byteCount` bytes.
    public init(byteCount: Int) {
        precondition(byteCount >= 0, "a buffer cannot have \(byteCount) bytes")
        self.byteCount = byteCount
        unsafe base = .allocate(byteCount: max(byteCount, 1), alignment: Self.alignment)
        unsafe base.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
    }

    deinit {
        unsafe base.deallocate()
    }
}
