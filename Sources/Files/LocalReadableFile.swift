import CProcessor
import Glibc
import Memory
import Synchronization
import SystemPackage

/// A file of this machine open for reading.
final class LocalReadableFile: ReadableFile {
    let path: FilePath
    let byteCount: Int
    private let descriptor: FileDescriptor

    /// Where bytes stop on a detour; made when it is first needed.
    private let stage = Mutex<Slice<UInt8>?>(nil)

    init(_ path: FilePath) throws(FileError) {
        self.path = path
        // Opening a pipe would wait for a writer without nonBlocking, which means nothing for a regular file.
        descriptor = try attempt("open", path) {
            try .open(path, .readOnly, options: [.closeOnExec, .nonBlocking])
        }
        do throws(Errno) {
            let status = try Stat(descriptor)
            guard status.type == .regular else {
                try? descriptor.close()
                throw Errno.invalidArgument
            }
            byteCount = Int(status.size)
        } catch {
            let reason = error == .invalidArgument ? "it is not a regular file" : error.description
            throw FileError("open", path, reason: reason, errno: error)
        }
    }

    deinit {
        try? descriptor.close()
    }

    /// Fills memory straight from the file.
    @unsafe private func fill(_ bytes: UnsafeMutableRawBufferPointer, at offset: Int) throws(FileError) {
        var done = 0
        while done < bytes.count {
            let read = try attempt("read", path) {
                try unsafe descriptor.read(
                    fromAbsoluteOffset: Int64(offset + done),
                    into: UnsafeMutableRawBufferPointer(rebasing: bytes[done...]))
            }
            guard read > 0 else {
                throw FileError(
                    "read", path,
                    reason: "it ends at byte \(offset + done), within bytes \(offset)..<\(offset + bytes.count)")
            }
            done += read
        }
    }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension LocalReadableFile {
    func read(into bytes: inout MutableSpan<UInt8>, at offset: Int) throws(FileError) {
        precondition(offset >= 0, "cannot read from byte \(offset)")
        try unsafe bytes.withUnsafeMutableBytes { (bytes) throws(FileError) in
            guard unsafe Self.needsDetour(to: bytes, from: offset) else { return try unsafe fill(bytes, at: offset) }
            try unsafe fillByDetour(bytes, at: offset) { _ in }
        }
    }

    func read(
        into bytes: inout MutableSpan<UInt8>, at offset: Int, observing observe: (Span<UInt8>) -> Void
    ) throws(FileError) {
        precondition(offset >= 0, "cannot read from byte \(offset)")
        try unsafe bytes.withUnsafeMutableBytes { (bytes) throws(FileError) in
            if unsafe Self.needsDetour(to: bytes, from: offset) {
                return try unsafe fillByDetour(bytes, at: offset, observe)
            }
            for start in stride(from: 0, to: bytes.count, by: Self.pieceByteCount) {
                let end = min(start + Self.pieceByteCount, bytes.count)
                let piece = unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[start..<end])
                try unsafe fill(piece, at: offset + start)
                unsafe observe(Span(_unsafeBytes: UnsafeRawBufferPointer(piece)))
            }
        }
    }

    // The system copies slowly between places that differ modulo 64, as those of tensors in a .ckpt file do: at 0.66 (ext4)
    // and 0.76 (tmpfs) of its usual rate. By way of a place that does not differ, and from there past the cache, it is
    // 0.82 and 0.84. Smaller pieces than this lose: 0.70 with 512 KiB.
    private static var pieceByteCount: Int { 2 << 20 }
    private static var alignment: Int { 64 }

    @unsafe private static func needsDetour(to bytes: UnsafeMutableRawBufferPointer, from offset: Int) -> Bool {
        guard bytes.count >= pieceByteCount / 2, let base = bytes.baseAddress else { return false }
        return (UInt(bitPattern: base) &- UInt(offset)) % UInt(alignment) != 0
    }

    /// Fills memory by way of a place that lies as the bytes do in the file.
    @unsafe private func fillByDetour(
        _ bytes: UnsafeMutableRawBufferPointer, at offset: Int, _ observe: (Span<UInt8>) -> Void
    ) throws(FileError) {
        try stage.withLock { (kept) throws(FileError) in
            let stage = kept ?? Slice<UInt8>(zeros: Self.pieceByteCount + Self.alignment)
            kept = stage
            var done = 0
            while done < bytes.count {
                let position = offset + done
                let count = min(Self.pieceByteCount - position % Self.pieceByteCount, bytes.count - done)
                let begin = position % Self.alignment
                let piece = stage[begin..<begin + count]
                var span = piece.mutableSpan
                try unsafe span.withUnsafeMutableBytes { (piece) throws(FileError) in
                    try unsafe fill(piece, at: position)
                }
                observe(piece.span)
                unsafe piece.span.withUnsafeBytes { piece in
                    let target = unsafe bytes.baseAddress?.advanced(by: done)
                    unsafe lockstep_copy_streaming(target, piece.baseAddress, count)
                }
                done += count
            }
        }
    }
}
