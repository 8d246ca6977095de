/// A typed view of consecutive elements of a ``Buffer``, which it keeps alive.
///
/// A slice is a reference: copies see the same memory. ``mutableSpan`` is therefore available on a constant, and
/// two slices may overlap; whoever hands them out sees to it that no element is written while another reads it.
public struct Slice<Element: BitwiseCopyable>: Sendable {
    /// The memory this is a view of.
    public let buffer: Buffer

    /// Where the view starts in ``buffer``, in bytes.
    public let byteOffset: Int

    /// The number of elements.
    public let count: Int

    /// Makes a view of `count` elements from `byteOffset` on.
    public init(of buffer: Buffer, byteOffset: Int = 0, count: Int) {
        let end = byteOffset + count * MemoryLayout<Element>.stride
        precondition(
            byteOffset >= 0 && count >= 0 && end <= buffer.byteCount,
            "bytes \(byteOffset)..<\(end) are not in a buffer of \(buffer.byteCount) bytes")
        precondition(
            byteOffset % MemoryLayout<Element>.alignment == 0,
            "\(Element.self) cannot start at byte \(byteOffset)")
        self.buffer = buffer
        self.byteOffset = byteOffset
        self.count = count
    }

    /// Makes a zeroed buffer of its own for `count` elements.
    public init(zeros count: Int) {
        self.init(of: Buffer(byteCount: count * MemoryLayout<Element>.stride), count: count)
    }

    /// The number of bytes viewed.
    public var byteCount: Int { count * MemoryLayout<Element>.stride }

    /// The elements, for reading.
    public var span: Span<Element> {
        @_lifetime(borrow self)
        get {
            let elements = unsafe UnsafeBufferPointer(start: pointer, count: count)
            return unsafe _overrideLifetime(Span(_unsafeElements: elements), borrowing: self)
        }
    }

    /// The elements, for writing.
    public var mutableSpan: MutableSpan<Element> {
        @_lifetime(borrow self)
        get {
            let elements = unsafe UnsafeMutableBufferPointer(start: pointer, count: count)
            return unsafe _overrideLifetime(MutableSpan(_unsafeElements: elements), borrowing: self)
        }
    }

    /// The elements `range` of this view, as a view of the same memory.
    public subscript(range: Range<Int>) -> Slice {
        precondition(
            range.lowerBound >= 0 && range.upperBound <= count,
            "elements \(range) are not in a slice of \(count)")
        return Slice(
            of: buffer, byteOffset: byteOffset + range.lowerBound * MemoryLayout<Element>.stride, count: range.count)
    }

    /// The same bytes seen as elements of another type.
    public func rebound<Other: BitwiseCopyable>(to type: Other.Type) -> Slice<Other> {
        precondition(
            byteCount % MemoryLayout<Other>.stride == 0, "\(byteCount) bytes are no whole number of \(type)")
        return Slice<Other>(of: buffer, byteOffset: byteOffset, count: byteCount / MemoryLayout<Other>.stride)
    }

    /// The address of the first element, for C calls; valid while this slice lives.
    @unsafe public var pointer: UnsafeMutablePointer<Element> {
        unsafe (buffer.base + byteOffset).assumingMemoryBound(to: Element.self)
    }
}

extension Slice {
    /// Overwrites the elements with those of a view of the same length that does not overlap this one.
    public func copy(from other: Slice) {
        precondition(other.count == count, "\(other.count) elements do not fill \(count)")
        unsafe pointer.update(from: other.pointer, count: count)
    }

    /// Makes one of its own with the same elements.
    public init(copying values: Span<Element>) {
        self.init(zeros: values.count)
        let target = unsafe pointer
        unsafe values.withUnsafeBufferPointer { source in
            if let base = source.baseAddress { unsafe target.update(from: base, count: source.count) }
        }
    }

    /// Overwrites as many elements of `target`, from the one at `start` on.
    public func copy(to target: inout MutableSpan<Element>, at start: Int = 0) {
        precondition(
            start >= 0 && start + count <= target.count,
            "\(count) elements do not fit into \(target.count) from \(start) on")
        unsafe target.withUnsafeMutableBufferPointer { target in
            if let base = target.baseAddress { unsafe (base + start).update(from: pointer, count: count) }
        }
    }
}
