/// A file being written that counts its bytes and computes their ``Checksum`` as they pass.
///
/// It stands directly before the file, behind any encryption, so that a manifest can name what lies on the disk.
public final class ChecksummingFile {
    // Below this, starting a thread takes longer than the checksum.
    private static let concurrentByteCount = 512 << 10

    private let file: any WritableFile
    private let observer: Observer

    /// The number of bytes written so far.
    public private(set) var byteCount = 0

    /// Begins with a file to which nothing has been written.
    ///
    /// `observe` is given the bytes too, in order: on this thread or another one, but never on two at once.
    public init(_ file: any WritableFile, observing observe: @escaping @Sendable (RawSpan) -> Void = { _ in }) {
        self.file = file
        observer = Observer(observe)
    }

    /// The XXH3-64 of all bytes written so far.
    public var checksumValue: UInt64 { observer.checksum.value }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension ChecksummingFile: WritableFile {
    /// Computes the checksum of many bytes on another thread, while the system takes them: one after the other they are
    /// 0.05 (tmpfs) to 0.12 (ext4) slower than plain writes.
    public func write(_ bytes: RawSpan) throws(FileError) {
        if bytes.byteCount < Self.concurrentByteCount {
            observer.add(bytes)
            try file.write(bytes)
        } else {
            try unsafe bytes.withUnsafeBytes { (bytes) throws(FileError) in
                nonisolated(unsafe) let bytes = unsafe bytes
                let add = { @Sendable [observer] in observer.add(unsafe RawSpan(_unsafeBytes: bytes)) }
                guard let helper = SystemThread(nil, add) else {
                    add()
                    return try file.write(unsafe RawSpan(_unsafeBytes: bytes))
                }
                // The bytes are the caller's again when this returns.
                defer { helper.join() }
                try file.write(unsafe RawSpan(_unsafeBytes: bytes))
            }
        }
        byteCount += bytes.byteCount
    }

    public var canBeWrittenBehind: Bool { file.canBeWrittenBehind }
    public func synchronize() throws(FileError) { try file.synchronize() }
    public func close() throws(FileError) { try file.close() }
}

/// What is computed of the bytes.
private final class Observer: @unchecked Sendable {
    // Unchecked: the thread that writes has waited for the other one whenever it is here.
    private(set) var checksum = Checksum()
    private let observe: @Sendable (RawSpan) -> Void

    init(_ observe: @escaping @Sendable (RawSpan) -> Void) {
        self.observe = observe
    }

    func add(_ bytes: RawSpan) {
        checksum.update(bytes)
        observe(bytes)
    }
}
