import CZlib

/// Why bytes could not be decompressed.
public enum GzipError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The bytes do not begin as gzip does.
    case notGzip
    /// The bytes end before the compressed data does.
    case truncated
    /// The compressed data contradict themselves or their checksum.
    case damaged(String)
    /// The data would be larger than the caller allows, in bytes.
    case tooLarge(limit: Int)

    /// The reason in words, fit to follow the name of a file and a colon.
    public var description: String {
        switch self {
        case .notGzip: "this is not gzip data"
        case .truncated: "the gzip data are cut off"
        case .damaged(let reason): "the gzip data are damaged (\(reason))"
        case .tooLarge(let limit): "the gzip data hold more than the \(limit) bytes allowed"
        }
    }
}

/// Decompression of gzip files.
public enum Gzip {
    /// Whether bytes begin as a gzip file does.
    public static func recognizes(_ bytes: [UInt8]) -> Bool { bytes.starts(with: [0x1F, 0x8B]) }

    /// Decompresses a whole gzip file, which may consist of several members, to at most `limit` bytes.
    public static func inflate(_ bytes: [UInt8], limit: Int) throws(GzipError) -> [UInt8] {
        guard recognizes(bytes) else { throw .notGzip }
        var decoder = GzipDecoder()
        var result: [UInt8] = []
        var offset = 0
        while let piece = try decoder.next(bytes.span, from: &offset) {
            guard piece.count <= limit - result.count else { throw .tooLarge(limit: limit) }
            result += piece
        }
        try decoder.finish()
        return result
    }

    /// Decompresses a file piece by piece, each of which is given to `write`: so it may be of any size.
    ///
    /// - Throws: ``GzipError``, ``FileError``, or what `write` throws.
    public static func inflate(_ file: any ReadableFile, _ write: (_ piece: [UInt8]) throws -> Void) throws {
        var decoder = GzipDecoder()
        for start in stride(from: 0, to: file.byteCount, by: readByteCount) {
            var input = [UInt8](repeating: 0, count: min(readByteCount, file.byteCount - start))
            var span = input.mutableSpan
            try file.read(into: &span, at: start)
            var offset = 0
            while let piece = try decoder.next(input.span, from: &offset) { try write(piece) }
        }
        try decoder.finish()
    }

    private static let readByteCount = 1 << 20
}

/// Decompresses gzip data that come piece by piece.
struct GzipDecoder {
    private let inflater = Inflater()
    private var isBetweenMembers = true
    private var hasMember = false
    /// Whether zlib may hold more than it gave.
    private var holdsMore = false

    /// The next decompressed bytes, from `input[offset...]`, and moves `offset` behind what was used; nil once all was.
    mutating func next(_ input: Span<UInt8>, from offset: inout Int) throws(GzipError) -> [UInt8]? {
        while offset < input.count || holdsMore {
            if isBetweenMembers {
                // Tapes and block devices fill up their last block with zeros, which gzip passes over.
                while hasMember, offset < input.count, input[offset] == 0 { offset += 1 }
                guard offset < input.count else { return nil }
                inflater.restart()
                isBetweenMembers = false
                hasMember = true
            }
            let step = inflater.step(input, from: offset)
            offset += step.consumed
            holdsMore = inflater.hasFilledOutput
            switch step.outcome {
            case .end: (isBetweenMembers, holdsMore) = (true, false)
            case .damaged(let reason): throw .damaged(reason)
            case .more where step.consumed == 0 && inflater.output.isEmpty && offset < input.count: throw .truncated
            case .more: break
            }
            if !inflater.output.isEmpty { return inflater.output }
        }
        return nil
    }

    /// Says that nothing follows.
    func finish() throws(GzipError) {
        guard hasMember else { throw .notGzip }
        guard isBetweenMembers else { throw .truncated }
    }
}

/// zlib's state, at an address that stays, for zlib keeps a pointer to it.
@safe private final class Inflater {
    enum Outcome { case more, end, damaged(String) }

    private static let chunkByteCount = 1 << 16
    private let stream: UnsafeMutablePointer<z_stream>

    /// What the last step produced.
    private(set) var output: [UInt8] = []

    /// Whether the last step could have produced more, had there been room.
    var hasFilledOutput: Bool { output.count == Self.chunkByteCount }

    init() {
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        guard unsafe lockstep_inflate_init(stream) == Z_OK else { fatalError("no memory to decompress with") }
    }

    deinit {
        unsafe inflateEnd(stream)
        unsafe stream.deallocate()
    }

    /// Prepares for the next member of the file.
    func restart() {
        unsafe inflateReset(stream)
    }

    /// Decompresses one chunk of ``output`` from `input[offset...]`.
    func step(_ input: Span<UInt8>, from offset: Int) -> (consumed: Int, outcome: Outcome) {
        let stream = unsafe stream
        let available = min(input.count - offset, Int(UInt32.max))
        var status = Z_OK
        output = unsafe [UInt8](unsafeUninitializedCapacity: Self.chunkByteCount) { target, count in
            unsafe input.withUnsafeBufferPointer { input in
                let source = unsafe UnsafeMutablePointer(mutating: input.baseAddress)?.advanced(by: offset)
                unsafe stream.pointee.next_in = source
                unsafe stream.pointee.avail_in = UInt32(available)
                unsafe stream.pointee.next_out = target.baseAddress
                unsafe stream.pointee.avail_out = UInt32(target.count)
                status = unsafe CZlib.inflate(stream, Z_NO_FLUSH)
                count = unsafe target.count - Int(stream.pointee.avail_out)
            }
        }
        let consumed = unsafe available - Int(stream.pointee.avail_in)
        switch status {
        case Z_STREAM_END: return (consumed, .end)
        // Z_BUF_ERROR: no progress was possible, so input is missing.
        case Z_OK, Z_BUF_ERROR: return (consumed, .more)
        default:
            return (consumed, .damaged(unsafe stream.pointee.msg.map { unsafe String(cString: $0) } ?? "\(status)"))
        }
    }
}
