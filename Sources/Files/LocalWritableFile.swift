import Glibc
package import SystemPackage

/// A file of this machine being written. Tests in this package open devices with it.
package final class LocalWritableFile: WritableFile {
    private let path: FilePath
    private var descriptor: FileDescriptor?

    /// Takes over a descriptor.
    package init(_ descriptor: FileDescriptor, named path: FilePath) {
        self.path = path
        self.descriptor = descriptor
    }

    deinit {
        try? descriptor?.close()
    }

    private var open: FileDescriptor {
        guard let descriptor else { preconditionFailure("\(path) is closed") }
        return descriptor
    }

    package var canBeWrittenBehind: Bool { true }

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
