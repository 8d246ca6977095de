import Glibc
package import SystemPackage

/// A file of this machine being written. Tests in this package open devices with it.
package final class LocalWritableFile: WritableFile {
    private let path: FilePath
    private var descriptor: FileDescriptor?

    package init(_ path: FilePath, _ options: FileDescriptor.OpenOptions) throws(FileError) {
        self.path = path
        descriptor = try attempt("create", path) {
            try .open(
                path, .writeOnly, options: options,
                permissions: [.ownerReadWrite, .groupRead, .otherRead])
        }
    }

    deinit {
        try? descriptor?.close()
    }

    private var open: FileDescriptor {
        guard let descriptor else { preconditionFailure("\(path) is closed") }
        return descriptor
    }

    package func write(_ bytes: RawSpan) throws(FileError) {
        let descriptor = open
        try unsafe bytes.withUnsafeBytes { (bytes) throws(FileError) in
            var rest = unsafe bytes[...]
            while unsafe !rest.isEmpty {
                // The system may take fewer bytes than it was given: at most 2 GiB at once, and less as a disk fills.
                let written = try attempt("write", path) {
                    try unsafe descriptor.write(UnsafeRawBufferPointer(rebasing: rest))
                }
                guard written > 0 else { throw FileError("write", path, .ioError) }
                unsafe rest = unsafe rest.dropFirst(written)
            }
        }
    }

    package func synchronize() throws(FileError) {
        let descriptor = open
        try systemCall("synchronize", path) { fsync(descriptor.rawValue) }
    }

    package func close() throws(FileError) {
        let descriptor = open
        self.descriptor = nil
        do {
            try attempt("close", path) { try descriptor.close() }
        } catch {
            // Linux has released the descriptor even if a signal interrupted the call.
            guard error.errno == .interrupted else { throw error }
        }
    }
}

/// A file of this machine open for reading.
final class LocalReadableFile: ReadableFile {
    let path: FilePath
    let byteCount: Int
    private let descriptor: FileDescriptor

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

    func read(into bytes: inout MutableSpan<UInt8>, at offset: Int) throws(FileError) {
        precondition(offset >= 0, "cannot read from byte \(offset)")
        try unsafe bytes.withUnsafeMutableBytes { (bytes) throws(FileError) in
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
}
