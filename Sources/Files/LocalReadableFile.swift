import Synchronization
import SystemPackage

/// A file of this machine open for reading.
final class LocalReadableFile: ReadableFile {
    let path: FilePath
    let byteCount: Int
    let permissions: Int?
    let owner: UInt32
    private let descriptor: FileDescriptor

    /// Opens a file; `name` stands for it in messages.
    convenience init(_ path: FilePath, named name: FilePath? = nil) throws(FileError) {
        let name = name ?? path
        // Opening a pipe would wait for a writer without nonBlocking, which means nothing for a regular file.
        let descriptor = try attempt("open", name) {
            try FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .nonBlocking])
        }
        try self.init(descriptor, named: name)
    }

    /// Takes over a descriptor, and closes it if it is of no regular file.
    init(_ descriptor: FileDescriptor, named path: FilePath) throws(FileError) {
        self.path = path
        self.descriptor = descriptor
        do throws(Errno) {
            let status = try Stat(descriptor)
            guard status.type == .regular else { throw Errno.invalidArgument }
            byteCount = Int(status.size)
            permissions = Int(status.permissions.rawValue)
            owner = status.userID.rawValue
        } catch {
            try? descriptor.close()
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
            guard bytes.count > Self.pieceByteCount else { return try unsafe fill(bytes, at: offset) }
            try unsafe fillInPieces(bytes, at: offset)
        }
    }

    private static var pieceByteCount: Int { 2 << 20 }

    /// Fills memory on all processors that the process may use.
    ///
    /// The system copies slowly between places that differ modulo 64, as those of tensors in a .ckpt file do: one thread
    /// comes to 0.67 (ext4) and 0.77 (tmpfs) of its usual rate.
    @unsafe private func fillInPieces(_ bytes: UnsafeMutableRawBufferPointer, at offset: Int) throws(FileError) {
        nonisolated(unsafe) let bytes = unsafe bytes
        let failures = Failures()
        let count = unsafe (bytes.count + Self.pieceByteCount - 1) / Self.pieceByteCount
        SystemThread.forEach(count) { [self] index in
            let start = index * Self.pieceByteCount
            let end = unsafe min(start + Self.pieceByteCount, bytes.count)
            do throws(FileError) {
                try unsafe fill(UnsafeMutableRawBufferPointer(rebasing: bytes[start..<end]), at: offset + start)
            } catch {
                failures.ofPieces.withLock { $0[index] = error }
            }
        }
        // Where a file ends too early, the first piece that is missing says where.
        if let first = failures.ofPieces.withLock({ $0.min { $0.key < $1.key } }) { throw first.value }
    }
}

/// The pieces that could not be read, each with its error.
private final class Failures: Sendable {
    let ofPieces = Mutex<[Int: FileError]>([:])
}
