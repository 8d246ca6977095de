import COpenSSL
public import Ciphers
public import Files
public import SystemPackage

/// A file being written whose bytes lie encrypted on the disk, in MindSpore's container.
///
/// The plain bytes are cut into blocks, each encrypted by itself. A block begins with its length and tag, which are known at its
/// end, so one block is held in memory; of a small file, only as much as is used. While a whole block is being hashed and written,
/// the next one is encrypted, so there are two then. MindSpore cuts blocks of 64 MiB and reads any up to that size; smaller ones
/// are still in the cache when they are hashed and written. `synchronize` ends the block under way, and so does `close`. MindSpore
/// cannot read its own files with both encryption and CRC: the configuration of a save refuses that.
@safe public final class EncryptingFile {
    private let file: any WritableFile
    private let writeBehind: WriteBehind
    private let path: FilePath
    private let encryption: Encryption
    private let blockByteCount: Int

    /// The head, the encrypted bytes, and room for the padding. Never zeroed: pages that no byte reaches take no memory.
    private var block: UnsafeMutableRawPointer

    /// The block before, which may still be being written; nil until the first one is full.
    private var lastBlock: UnsafeMutableRawPointer?
    private var context: CipherContext?
    private var iv: [UInt8] = []
    private var plainByteCount = 0
    private var cipherByteCount = 0

    /// Begins with a file to which nothing has been written. `path` is for errors.
    public init(
        _ file: any WritableFile, path: FilePath, encryption: Encryption, blockByteCount: Int = 4 << 20
    ) {
        precondition(
            (1...CipherBlock.plainLimit).contains(blockByteCount),
            "a block cannot have \(blockByteCount) bytes; \(CipherBlock.plainLimit) are allowed")
        self.file = file
        writeBehind = WriteBehind(file)
        self.path = path
        self.encryption = encryption
        self.blockByteCount = blockByteCount
        unsafe block = Self.newBlock(blockByteCount, encryption.mode)
    }

    deinit {
        try? writeBehind.wait()
        unsafe block.deallocate()
        unsafe lastBlock?.deallocate()
    }

    @unsafe private static func newBlock(_ byteCount: Int, _ mode: EncryptionMode) -> UnsafeMutableRawPointer {
        .allocate(byteCount: CipherBlock.headByteCount(mode) + byteCount + 32, alignment: 64)
    }

    private var headByteCount: Int { CipherBlock.headByteCount(encryption.mode) }

    private var failure: FileError { FileError("encrypt", path, reason: "OpenSSL refused") }

    /// The block under way, or a new one with random bytes to begin from.
    private func currentContext() throws(FileError) -> CipherContext {
        if let context { return context }
        var iv = [UInt8](repeating: 0, count: CipherBlock.ivByteCount)
        guard unsafe RAND_bytes(&iv, Int32(iv.count)) == 1,
            let context = CipherContext(.encrypt, encryption, iv: iv)
        else { throw failure }
        self.iv = iv
        self.context = context
        return context
    }

    /// Ends the block under way, if there is one, and writes it.
    private func seal() throws(FileError) {
        guard let context else { return }
        guard let count = unsafe context.finish(to: block + headByteCount + cipherByteCount) else { throw failure }
        let tag = encryption.mode == .aesGCM ? context.tag : []
        let head = CipherBlock(
            mode: encryption.mode, tag: tag, iv: iv, cipherByteCount: cipherByteCount + count
        ).head
        unsafe block.copyMemory(from: head, byteCount: head.count)
        let bytes = unsafe UnsafeRawBufferPointer(start: block, count: headByteCount + cipherByteCount + count)
        let isWhole = plainByteCount == blockByteCount
        self.context = nil
        plainByteCount = 0
        cipherByteCount = 0
        guard isWhole && file.canBeWrittenBehind else {
            try writeBehind.wait()
            return try unsafe file.write(RawSpan(_unsafeBytes: bytes))
        }
        try unsafe writeBehind.write(bytes)
        let free = unsafe lastBlock ?? Self.newBlock(blockByteCount, encryption.mode)
        unsafe (block, lastBlock) = unsafe (free, block)
    }

    private func sealAll() throws(FileError) {
        try seal()
        try writeBehind.wait()
    }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension EncryptingFile: WritableFile {
    public func write(_ bytes: RawSpan) throws(FileError) {
        var start = 0
        while start < bytes.byteCount {
            let context = try currentContext()
            let end = min(start + blockByteCount - plainByteCount, bytes.byteCount)
            let written = unsafe bytes.extracting(start..<end).withUnsafeBytes { plain in
                unsafe context.update(plain, to: block + headByteCount + cipherByteCount)
            }
            guard let written else { throw failure }
            cipherByteCount += written
            plainByteCount += end - start
            start = end
            if plainByteCount == blockByteCount { try seal() }
        }
    }

    public func synchronize() throws(FileError) {
        try sealAll()
        try file.synchronize()
    }

    public func close() throws(FileError) {
        try sealAll()
        try file.close()
    }
}
