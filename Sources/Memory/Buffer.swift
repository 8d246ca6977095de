import Glibc

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

    // Smaller blocks are better kept by malloc and used again.
    private static let mappedByteCount = 4 << 20

    /// Makes a zeroed buffer of `byteCount` bytes.
    public init(byteCount: Int) {
        precondition(byteCount >= 0, "a buffer cannot have \(byteCount) bytes")
        self.byteCount = byteCount
        unsafe base = byteCount < Self.mappedByteCount ? Self.allocate(byteCount) : Self.map(byteCount)
    }

    deinit {
        if byteCount < Self.mappedByteCount {
            unsafe free(base)
        } else {
            unsafe munmap(base, byteCount)
        }
    }

    private static func allocate(_ byteCount: Int) -> UnsafeMutableRawPointer {
        var base: UnsafeMutableRawPointer?
        let error = unsafe posix_memalign(&base, alignment, max(byteCount, 1))
        guard let base = unsafe base else {
            endProcess(lacking: "no memory for a buffer of \(byteCount) bytes", error)
        }
        unsafe base.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
        return unsafe base
    }

    /// Asks the system, which zeroes a page when it is first touched: what is overwritten at once is not zeroed before.
    private static func map(_ byteCount: Int) -> UnsafeMutableRawPointer {
        let base = unsafe mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let base = unsafe base, unsafe base != MAP_FAILED else {
            endProcess(lacking: "no memory for a buffer of \(byteCount) bytes", errno)
        }
        // Pages of 2 MiB where the system has them: rows of a matrix often lie a small page apart, and there are more of
        // those than the processor remembers the places of. Only advice: without it all works, a little slower.
        unsafe madvise(base, byteCount, MADV_HUGEPAGE)
        return unsafe base
    }
}
